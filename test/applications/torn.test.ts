import { expect, it } from 'vitest';
import { isStillTorn, TORN_FOR_MS } from '../../src/applications/application.js';
import { builtIn } from './reading.js';

const NOW = 1_700_000_000_000;

it.each([
  ['php', NOW, true],
  ['php', NOW + 5000, true],
  ['php', NOW - TORN_FOR_MS + 1, true],
  ['php', NOW - TORN_FOR_MS, false],
  ['express', NOW, false],
])('a torn file of %s with mtime %i may yet become whole: %s', (name, mtimeMs, isStill) => {
  expect(isStillTorn(builtIn(name).store, mtimeMs, NOW)).toBe(isStill);
});
