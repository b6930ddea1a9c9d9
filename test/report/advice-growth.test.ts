import { expect, it } from 'vitest';
import { warningsOfGrowth } from '../../src/report/advice.js';

const note = { command: 'sync', isFull: true, listed: 1, outcomes: {}, deletes: {}, exitCode: 0 };
const FREEZE = { ...note, startedMs: 1_000_000, elapsedMs: 2_000, isFinal: true };
const AFTER = { ...note, startedMs: 2_000_000, elapsedMs: 10 };

it('files that were saved after the pass in the freeze are told of', () => {
  const [warning] = warningsOfGrowth([FREEZE, AFTER], 1_900_000);
  expect(warning).toMatch(
    /^session files are still being saved, the last at 1970-01-01T00:31:40.000Z, after the pass in the freeze/,
  );
});

it('files that were saved before its end, as far as clocks tell, are what it moved', () => {
  expect(warningsOfGrowth([FREEZE, AFTER], 1_002_000 + 5000)).toEqual([]);
  expect(warningsOfGrowth([FREEZE, AFTER], 0)).toEqual([]);
});

it('nothing is said where no pass in the freeze is on record', () => {
  expect(warningsOfGrowth([AFTER], 9_000_000)).toEqual([]);
});
