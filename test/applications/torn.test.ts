import { expect, it } from 'vitest';
import { isStillTorn, TORN_FOR_MS } from '../../src/applications/application.js';
import { journeyOf } from '../support/memory-store.js';
import { optionsOfLine } from '../support/options.js';
import { HOUR, NOW } from '../support/samples.js';
import { builtIn } from './reading.js';

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

it.each([
  ['', 'empty'],
  ['user|a:1:{s:2:"id"', 'malformed'],
])('a file that holds %j was torn a second ago, and is %s once the application is stopped', (content, stopped) => {
  const path = `sess_${'a'.repeat(32)}`;
  const application = builtIn('php').settings;
  const outcomeOf = (isFrozen: boolean) =>
    journeyOf({ [path]: content }, { application, isFrozen }).take(0, path, true, NOW - HOUR + 1000);
  expect([outcomeOf(false), outcomeOf(true)]).toEqual(['torn', stopped]);
});

it.each([true, false])('the application is taken for stopped in the freeze alone: %s', (isFinal) => {
  const { lanes } = optionsOfLine({ to: 'redis://localhost', final: isFinal }, {}, 'sync').pass;
  expect(lanes.isFrozen === true).toBe(isFinal);
});
