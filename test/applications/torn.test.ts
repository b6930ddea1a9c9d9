import { expect, it } from 'vitest';
import { isStillTorn, TORN_FOR_MS } from '../../src/applications/application.js';
import { builtIn } from './reading.js';

const NOW = 1_700_000_000_000;

it.each([
  ['php', NOW, NOW, true],
  ['php', NOW + 5000, NOW, true],
  // A clock that is ahead, of the application or of the store.
  ['php', NOW + 9e9, NOW - TORN_FOR_MS + 1, true],
  ['php', NOW + 9e9, NOW - TORN_FOR_MS, false],
  ['php', NOW + 5000, NOW + 5000, true],
  ['php', NOW - TORN_FOR_MS + 1, NOW, true],
  ['php', NOW - TORN_FOR_MS, NOW, false],
  ['express', NOW, NOW, false],
])('a torn file of %s with mtime %i and ctime %i may yet become whole: %s', (name, mtimeMs, ctimeMs, isStill) => {
  expect(isStillTorn(builtIn(name).store, mtimeMs, ctimeMs, NOW)).toBe(isStill);
});
