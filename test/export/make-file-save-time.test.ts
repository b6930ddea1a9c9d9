import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expiryOf, savedMsOf } from '../../src/applications/odoo/plan.js';
import { saveTimeOf as saveTimeBy } from '../../src/export/make-file.js';
import type { SessionFacts } from '../../src/session.js';
import { DAY, factsOf, HOUR, NOW, policyOf } from '../support/samples.js';

const lifetimes = policyOf();
const saveTimeOf = (facts: SessionFacts, key: ReturnType<typeof held>, nowMs: number) =>
  saveTimeBy({ savedMsFor: (expiryMs, now) => savedMsOf(facts, expiryMs, lifetimes, now) }, key, nowMs);
const held = (expiryMs: number, slackMs = 0) => ({ expiryMs, slackMs });

describe('the moment of the last save', () => {
  it.each([
    ['a login', factsOf({ isAuthenticated: true }), NOW + DAY, NOW - 6 * DAY],
    ['a visitor', factsOf(), NOW + HOUR, NOW - 2 * HOUR],
    ['a session with its own expiration', factsOf({ expirationSeconds: 86_400.5 }), NOW + 500, NOW - DAY],
    ['one whose expiration counts as none', factsOf({ expirationSeconds: 0 }), NOW + 1, NOW + 1 - 3 * HOUR],
    [
      'a rotated login',
      factsOf({ isAuthenticated: true, deletionTimeSeconds: NOW / 1000 + 60 }),
      NOW + 60_000,
      NOW - 60_000,
    ],
    [
      'a rotated session of a short life',
      factsOf({ expirationSeconds: 30, deletionTimeSeconds: NOW / 1000 + 10 }),
      NOW + 10_000,
      NOW - 20_000,
    ],
  ])('of %s is its expiry less its lifetime', (_, facts, expiryMs, ms) => {
    expect(saveTimeOf(facts, held(expiryMs), NOW)).toEqual({ ms, certainty: 'exact', slackMs: 0 });
  });

  it('is now where the key would only expire after a lifetime from now', () => {
    const facts = factsOf({ isAuthenticated: true });
    expect(saveTimeOf(facts, held(NOW + 7 * DAY), NOW)).toMatchObject({ ms: NOW, certainty: 'exact' });
    expect(saveTimeOf(facts, held(NOW + 7 * DAY + 1), NOW)).toMatchObject({ ms: NOW, certainty: 'capped' });
  });

  it('is now, and unknown, where the key never expires', () => {
    const time = saveTimeOf(factsOf(), held(Number.POSITIVE_INFINITY), NOW);
    expect(time).toMatchObject({ ms: NOW, certainty: 'unknown' });
  });

  it('tells how far it may be off', () => {
    expect(saveTimeOf(factsOf(), held(NOW, 7), NOW).slackMs).toBe(7);
  });

  it('gives a file that expires with its key, for every session that a migration may have put there', () => {
    const facts = fc.record({
      isAuthenticated: fc.boolean(),
      expirationSeconds: fc.oneof(fc.constant(Number.NaN), fc.double({ min: -10, max: 1e18, noNaN: true })),
      deletionTimeSeconds: fc.oneof(fc.constant(Number.NaN), fc.double({ min: 0, max: 3600, noNaN: true })),
    });
    fc.assert(
      fc.property(
        facts,
        fc.integer({ min: 0, max: 8 * DAY }),
        fc.integer({ min: 0, max: DAY }),
        (known, age, later) => {
          const { deletionTimeSeconds } = known;
          const session = factsOf({ ...known, deletionTimeSeconds: NOW / 1000 + deletionTimeSeconds });
          const expiryMs = expiryOf(session, NOW - age, lifetimes, NOW);
          const nowMs = NOW + later;
          if (expiryMs <= nowMs) return;
          const { ms, certainty } = saveTimeOf(session, held(expiryMs), nowMs);
          expect(certainty).toBe('exact');
          expect(ms).toBeLessThanOrEqual(nowMs);
          expect(expiryOf(session, ms, lifetimes, nowMs)).toBe(expiryMs);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
