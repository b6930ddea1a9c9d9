import { mkdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { observeStore } from '../../src/preflight/store-observation.js';
import { inTurns } from '../../src/system/process.js';
import { optionsOfLine } from '../support/options.js';
import { settingsOf } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

it('work without an end hears a signal nevertheless, and closes what it has open', async () => {
  const controller = new AbortController();
  let isClosed = false;
  const endless = function* (): Generator<void, void> {
    try {
      for (;;) yield;
    } finally {
      isClosed = true;
    }
  };
  setTimeout(() => controller.abort(new Error('interrupted')), 1);
  await expect(inTurns(endless(), controller.signal)).rejects.toThrow('interrupted');
  expect(isClosed).toBe(true);
});

it('work that is over ends with the reason of a signal that came meanwhile, else with its result', async () => {
  const controller = new AbortController();
  const quick = function* (): Generator<void, number> {
    yield;
    return 7;
  };
  expect(await inTurns(quick(), controller.signal)).toBe(7);
  setImmediate(() => controller.abort(new Error('interrupted')));
  await expect(inTurns(quick(), controller.signal)).rejects.toThrow('interrupted');
});

it('a look at a store can be left behind each directory', () => {
  const store = temporaryDirectory();
  for (let n = 0; n < 200; n++) mkdirSync(`${store}/${n.toString(16).padStart(2, '0')}`);
  expect(
    [...observeStore({ ...settingsOf(), sources: [store] }, optionsOfLine({ to: 'redis://r' }).reader)].length,
  ).toBeGreaterThanOrEqual(200);
});
