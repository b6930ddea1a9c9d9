import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { openForReading } from '../../src/ledger/copy.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { ledgerError } from '../../src/ledger/store.js';
import { FailingCalls } from '../support/failing-calls.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { trusting } from '../support/trusting.js';

const IDENTITY = { sources: '/store', target: 'redis://localhost:6379/0' };
const root = temporaryDirectory();
process.env.TMPDIR = root;
const calls = new FailingCalls(root);
afterAll(() => calls.restore());

let fresh = 0;
const place = () => join(root, `${++fresh}`);
const listeners = process.listeners('exit');
/** Copies go when the process ends; a storm would leave a listener for each. */
afterEach(() => {
  for (const listener of process.listeners('exit')) if (!listeners.includes(listener)) process.off('exit', listener);
});

async function record(stateDir: string): Promise<void> {
  const ledger = await Ledger.open(stateDir, IDENTITY);
  try {
    await ledger.beginPass(trusting('fresh'), true);
  } finally {
    await ledger.close();
  }
}

it('a new ledger that the system fails is told in a sentence, whichever call it is', async () => {
  expect(await calls.storm(() => record(place()), 2)).toBeGreaterThan(0);
});

it('so is one that is there, and the copy of it', async () => {
  process.setMaxListeners(0);
  const stateDir = place();
  await record(stateDir);
  expect(await calls.storm(() => record(stateDir), 1)).toBeGreaterThan(0);
  const read = async () => (await openForReading(stateDir, IDENTITY))?.close();
  expect(await calls.storm(async () => await read(), 1)).toBeGreaterThan(0);
});

it.each([
  ['Stale file handle', 5],
  ['Structure needs cleaning', 5],
  ['Remote I/O error', 5],
  ['Too many open files', 5],
  ['Transport endpoint is not connected', 5],
  ['Permission denied', 8],
])('what LevelDB says of a call that failed is no damage: %s', (text, exitCode) => {
  const cause = Object.assign(new Error(`IO error: /state/ledger/CURRENT: ${text}`), { code: 'LEVEL_IO_ERROR' });
  const error = ledgerError('/state/ledger', new Error('Database failed to open', { cause }));
  expect(error).toMatchObject({ name: 'OperatorError', exitCode });
  expect(error.message).not.toMatch(/damaged/);
});
