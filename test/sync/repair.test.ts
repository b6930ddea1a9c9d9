import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import type { PassNote } from '../../src/ledger/facts.js';
import { OrdinalSet } from '../../src/ledger/ordinals.js';
import { type Damage, describeDamage, refuseRevival, wasClockAhead } from '../../src/sync/repair.js';
import { HOUR, NOW } from '../support/samples.js';

const damageOf = (chosen: Partial<Damage>): Damage => ({
  toRepair: new OrdinalSet(),
  missing: 0,
  changed: 0,
  rewritten: 0,
  rewrittenSids: [],
  asked: 1000,
  ...chosen,
});

describe('what is gone from the target', () => {
  it.each<[what: string, damage: Partial<Damage>, isFinalDone: boolean, isAsked: boolean, isRefused: boolean]>([
    ['nothing', { rewritten: 900 }, true, false, false],
    ['some, before the final pass', { missing: 15 }, false, false, false],
    ['some, before it, beside what a rehearsal wrote', { missing: 15, rewritten: 50 }, false, false, false],
    [
      'some, though nobody spoke of a final pass, where Odoo is at work',
      { missing: 15, rewritten: 51 },
      false,
      true,
      true,
    ],
    ['one, after the final pass', { missing: 1 }, true, false, true],
    ['one, after it, which the operator calls a loss', { missing: 1 }, true, true, false],
    ['one, after it, where Odoo has written', { missing: 1, rewritten: 1 }, true, true, true],
  ])('%s', (_, damage, isFinalDone, isAsked, isRefused) => {
    const refuse = () => refuseRevival(damageOf(damage), isFinalDone, isAsked);
    if (isRefused) expect(refuse).toThrow(expect.objectContaining({ exitCode: EXIT.refused }));
    else expect(refuse).not.toThrow();
  });

  it('is told in a sentence, and nothing is where nothing is', () => {
    expect(describeDamage(damageOf({}))).toBeNull();
    const sentence = describeDamage(damageOf({ missing: 2, changed: 1 }));
    expect(sentence).toBe(
      'of 1,000 keys on record 2 are gone and 1 are not as they were sent: their files are read again',
    );
  });
});

describe('a clock that was ahead', () => {
  const pass = (startedMs: number, exitCode: number, elapsedMs = 1000): PassNote => ({
    ...{ command: 'sync', startedMs, elapsedMs, exitCode },
    ...{ isFull: true, listed: 1, outcomes: {}, deletes: {} },
  });

  it.each<[what: string, passes: readonly PassNote[], isAhead: boolean]>([
    ['is none before the first pass', [], false],
    ['is none where passes lie behind', [pass(NOW - HOUR, 0), pass(NOW - 1000, 0)], false],
    ['shows by a pass that ended later than now', [pass(NOW - HOUR, 0), pass(NOW + HOUR, 0)], true],
    ['shows by its end', [pass(NOW - HOUR, 0, 2 * HOUR)], true],
    ['is made good by a complete pass', [pass(NOW + HOUR, 0), pass(NOW - 2000, 0)], false],
    ['is made good by one with rejects', [pass(NOW + HOUR, 0), pass(NOW - 2000, 3)], false],
    ['is not by one that was cut short', [pass(NOW + HOUR, 0), pass(NOW - 2000, 5), pass(NOW - 1500, 143)], true],
  ])('%s', (_, passes, isAhead) => {
    expect(wasClockAhead({ passes: [...passes] }, NOW)).toBe(isAhead);
  });
});
