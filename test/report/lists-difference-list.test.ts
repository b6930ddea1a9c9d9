import { expect, it } from 'vitest';
import type { RejectNote } from '../../src/intake/take-file.js';
import { DifferenceList } from '../../src/report/lists.js';
import type { Outcome } from '../../src/session.js';

const noteOf = (n: number, outcome: Outcome = 'missing'): RejectNote => ({
  source: 0,
  path: `${n}*`,
  fingerprint: 'fa4e',
  outcome,
  reason: 'no key',
  offset: -1,
});

it('keeps the first three of each kind as examples', () => {
  const list = new DifferenceList(0);
  for (let n = 0; n < 10; n++) {
    list.add(noteOf(n), 0);
    list.add(noteOf(n, 'differs'), 0);
  }
  expect(list.examples.map(({ outcome, path }) => `${outcome} ${path}`)).toEqual([
    'missing 0*',
    'differs 0*',
    'missing 1*',
    'differs 1*',
    'missing 2*',
    'differs 2*',
  ]);
});

it('tells 200 in a second, and as many in the next', () => {
  const list = new DifferenceList(500);
  const told = (nowMs: number) =>
    Array.from({ length: 300 }, (_, n) => list.add(noteOf(n), nowMs)).filter(Boolean).length;
  expect(told(600)).toBe(200);
  expect(told(1499)).toBe(0);
  expect(told(1500)).toBe(200);
  expect(list.omitted).toBe(100 + 300 + 100);
});

it('tells 10,000 in all', () => {
  const list = new DifferenceList(0);
  let told = 0;
  for (let second = 1; second <= 100; second++) {
    for (let n = 0; n < 150; n++) if (list.add(noteOf(n), second * 1000)) told++;
  }
  expect(told).toBe(10_000);
  expect(list.omitted).toBe(5000);
});
