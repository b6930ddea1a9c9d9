import { expect, it } from 'vitest';
import { deletionsAllowed, type MaxDelete } from '../../src/sync/logouts.js';

const DEFAULT: MaxDelete = { share: 0.05, least: 100, ofFew: 0.5 };
const asTold = (least: number): MaxDelete => ({ share: 0, least, ofFew: 1 });

it.each<[number, number, MaxDelete]>([
  [0, 100, DEFAULT],
  [9, 100, DEFAULT],
  [10, 5, DEFAULT],
  [90, 45, DEFAULT],
  [199, 99, DEFAULT],
  [200, 100, DEFAULT],
  [2_000, 100, DEFAULT],
  [8_000_000, 400_000, DEFAULT],
  [90, 80, asTold(80)],
  [90, 90, asTold(1000)],
  [90, 90, { share: 1, least: 0, ofFew: 1 }],
])('of %i recorded sessions %i may be gone at once', (total, allowed, maxDelete) => {
  expect(deletionsAllowed(total, maxDelete)).toBe(allowed);
});
