import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { openForReading } from '../../src/ledger/copy.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { SessionColumns } from '../../src/ledger/record.js';
import { Recorder } from '../../src/ledger/recorder.js';
import type { Layout } from '../../src/session.js';
import { RecordedVersions } from '../../src/verify/own-versions.js';
import { hex40, NOW, urlsafe84 } from '../support/samples.js';
import { trusting } from '../support/trusting.js';

const IDENTITY = { sources: '/store', target: 'redis://localhost:6379/0' };

function stateDir(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sess2redis-reading-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Records sessions as sent, in one batch; those in `kept` as another's by the time of the replies. */
async function record(recorder: Recorder, values: [sid: string, layout: Layout, value: string][], kept: string[] = []) {
  const noted = new SessionColumns(values.length);
  const before = await recorder.recall(values.map(([sid]) => sid));
  for (const [i, [sid, layout]] of values.entries()) {
    noted.add(sid, layout, 0, { mtimeMs: NOW, size: 3, inode: 1 }, before[i] ?? null);
  }
  const expiryMs = Float64Array.from(values, () => NOW + 1);
  const valueAt = (at: number) => Buffer.from(values[at]?.[2] ?? '');
  const batch = await recorder.begin(noted, expiryMs, valueAt);
  return () => recorder.settle(batch, noted, expiryMs, valueAt, (at) => kept.includes(values[at]?.[0] ?? ''));
}

it('gives null where there is no ledger, and makes none', async () => {
  const directory = stateDir();
  expect(await openForReading(directory, IDENTITY)).toBeNull();
  expect(readdirSync(directory)).toEqual([]);
});

it('reads what a run that still has the ledger has recorded, and writes nothing into it', async () => {
  const directory = stateDir();
  const writing = await Ledger.open(directory, IDENTITY);
  onTestFinished(() => writing.close());
  const share = await writing.beginPass(trusting('fresh'), true);
  await writing.reserve(10, 0);
  const recorder = await Recorder.open(share);
  const [mine, kept, long] = [hex40(1), hex40(2), urlsafe84(3)];
  const settle = await record(
    recorder,
    [
      [mine, 'flat', 'one'],
      [kept, 'flat', 'two'],
    ],
    [kept],
  );
  await settle();
  await record(recorder, [[long, 'hashed', 'three']]);
  await recorder.close();

  const ledger = await openForReading(directory, IDENTITY);
  if (ledger === null) throw new Error('no ledger');
  onTestFinished(() => ledger.close());
  expect(ledger.directory.startsWith(directory)).toBe(false);
  const index = await ledger.readIndex();
  const counters = new Uint32Array(new SharedArrayBuffer(8));
  const { secret } = ledger;
  const own = await RecordedVersions.open({
    ...{ directory: ledger.directory, secret, pass: 0, ...trusting('compare'), index, isPacking: false },
    ...{ openBatches: [], toRepair: null, receipts: null, counters },
  });
  onTestFinished(() => own.close());
  const versions = await own.versionsOf([mine, kept, long, hex40(9)]);
  expect(versions).toEqual([
    [{ expiryMs: NOW + 1, digest: 'fe05bcdcdc4928012781a5f1a2a77cbb5398e106'.slice(0, 16) }],
    [],
    [{ expiryMs: NOW + 1, digest: 'b802f384302cb24fbab0a44997e820bf2e8507bb'.slice(0, 16) }],
    null,
  ]);
});

it("takes a key for proved to be another's only where it was kept by a ledger that was whole", async () => {
  const writing = await Ledger.open(stateDir(), IDENTITY);
  onTestFinished(() => writing.close());
  const [proved, doubted, gone] = [hex40(1), hex40(2), hex40(3)];
  const pass = async (isWhole: boolean, kept: string[], sent: string[]) => {
    const share = await writing.beginPass({ ...trusting('compare'), isWhole }, false);
    await writing.reserve(10, 0);
    const recorder = await Recorder.open(share);
    const settle = await record(
      recorder,
      sent.map((sid) => [sid, 'flat', `value ${isWhole}`]),
      kept,
    );
    await settle();
    const versions = await new RecordedVersions(recorder).versionsOf([proved, doubted, gone]);
    await recorder.close();
    return versions.map((list) => list?.length ?? null);
  };
  expect(await pass(true, [proved], [proved, gone])).toEqual([0, null, 1]);
  expect(await pass(false, [proved, doubted, gone], [proved, doubted, gone])).toEqual([0, null, null]);
  // Once in doubt it stays so, until all that it may be has ended.
  expect(await pass(true, [proved, doubted, gone], [proved, doubted, gone])).toEqual([0, null, null]);
});

it('refuses a ledger of another run, and says what differs', async () => {
  const directory = stateDir();
  await (await Ledger.open(directory, IDENTITY)).close();
  await expect(openForReading(directory, { ...IDENTITY, sources: '/other' })).rejects.toMatchObject({
    exitCode: EXIT.stateInUse,
    message: expect.stringContaining('its sources is /store and yours /other'),
  });
  await expect(openForReading(directory, { ...IDENTITY, template: 'b' })).rejects.toMatchObject({
    message: expect.stringContaining('its template with its options is not set and yours b'),
  });
});

it('gives up on a ledger whose files go while they are copied, with a sentence', async () => {
  const directory = stateDir();
  mkdirSync(join(directory, 'ledger'));
  writeFileSync(join(directory, 'ledger', 'CURRENT'), 'MANIFEST-000001\n');
  await expect(openForReading(directory, IDENTITY)).rejects.toMatchObject({
    exitCode: EXIT.stateInUse,
    message: expect.stringContaining('is being written by another run'),
  });
});

it('follows no link in a ledger', async () => {
  const directory = stateDir();
  mkdirSync(join(directory, 'ledger'));
  writeFileSync(join(directory, 'secret'), `${'0'.repeat(64)}\n`);
  writeFileSync(join(directory, 'ledger', 'CURRENT'), 'MANIFEST-000001\n');
  symlinkSync('/etc/hostname', join(directory, 'ledger', '000003.log'));
  await expect(openForReading(directory, IDENTITY)).rejects.toMatchObject({
    exitCode: EXIT.stateInUse,
    message: expect.stringContaining('000003.log is no regular file'),
  });
});

describe('a state directory that is only read', () => {
  const isRoot = process.getuid?.() === 0;

  it('is not believed where everybody may write to it', async () => {
    const directory = stateDir();
    await (await Ledger.open(directory, IDENTITY)).close();
    chmodSync(directory, 0o777);
    const message = expect.stringMatching(/^others may write to .*: chmod go-w it/);
    await expect(openForReading(directory, IDENTITY)).rejects.toMatchObject({ exitCode: EXIT.permission, message });
    chmodSync(directory, 0o755);
    const ledger = await openForReading(directory, IDENTITY);
    await ledger?.close();
    expect(ledger).not.toBeNull();
  });

  it.runIf(isRoot)('is believed by its owner and by root, and by no other user', async () => {
    const directory = stateDir();
    await (await Ledger.open(directory, IDENTITY)).close();
    chownSync(directory, 4711, 4711);
    const ledger = await openForReading(directory, IDENTITY);
    await ledger?.close();
    expect(ledger).not.toBeNull();
    const asAnother = vi.spyOn(process, 'geteuid').mockReturnValue(4712);
    onTestFinished(() => asAnother.mockRestore());
    const message = expect.stringMatching(/ belongs to user 4711: run as that user/);
    await expect(openForReading(directory, IDENTITY)).rejects.toMatchObject({ exitCode: EXIT.permission, message });
  });
});
