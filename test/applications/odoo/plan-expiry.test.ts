import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expiryOf, lifetimeOf, longestLifetimeMs } from '../../../src/applications/odoo/plan.js';
import type { ExpirationRule, SessionFacts } from '../../../src/session.js';
import { DAY, factsOf, HOUR, NOW, policyOf } from '../../support/samples.js';

const policy = policyOf();
const login = factsOf({ isAuthenticated: true });

describe('the lifetime of a session', () => {
  it('is that of logins or that of visitors', () => {
    expect(lifetimeOf(login, policy)).toBe(7 * DAY);
    expect(lifetimeOf(factsOf(), policy)).toBe(3 * HOUR);
  });

  it('is its own expiration, for logins and visitors, where the reader honours it', () => {
    const chosen = factsOf({ isAuthenticated: true, expirationSeconds: 90 });
    expect(lifetimeOf(chosen, policy)).toBe(90_000);
    expect(lifetimeOf(factsOf({ expirationSeconds: 90 }), policy)).toBe(90_000);
    expect(lifetimeOf(chosen, policyOf({ honoursExpiration: false }))).toBe(7 * DAY);
  });

  it.each([8, 30, 90])('is its own expiration of %d days, also where its file would have been collected', (days) => {
    const facts = factsOf({ isAuthenticated: true, expirationSeconds: days * 86_400 });
    expect(lifetimeOf(facts, policy)).toBe(days * DAY);
    expect(expiryOf(facts, NOW - 7.5 * DAY, policy, NOW)).toBe(NOW + (days - 7.5) * DAY);
  });

  it.each([
    [1.9999, 1999],
    [0.001, 1],
    [0.0001, 0],
    [5e-324, 0],
  ])('is its own expiration of %d s, as whole milliseconds rounded down', (expirationSeconds, milliseconds) => {
    expect(lifetimeOf(factsOf({ expirationSeconds }), policy)).toBe(milliseconds);
  });

  it.each([0, -0, Number.NaN])('is not its own expiration of %d s, which is none', (seconds) => {
    expect(lifetimeOf(factsOf({ isAuthenticated: true, expirationSeconds: seconds }), policy)).toBe(7 * DAY);
  });

  /** The lifetimes that releases up to 18.0, those from 19.0 on and readers without an eye for it give to a visitor. */
  it.each<[string, Partial<SessionFacts>, number, number]>([
    ['an int', { expirationSeconds: 600 }, 600_000, 600_000],
    ['an int below zero, at which EXPIRE deletes', { expirationSeconds: -5 }, -5000, -5000],
    ['the text of an int', { expirationSeconds: 600, expirationType: 'text' }, 600_000, 3 * HOUR],
    ['the text 0', { expirationSeconds: 0, expirationType: 'text' }, 0, 3 * HOUR],
    ['the text of a negative int', { expirationSeconds: -1, expirationType: 'text' }, -1000, 3 * HOUR],
    ['a float', { expirationSeconds: 600, expirationType: 'float' }, 600_000, 3 * HOUR],
    ['a float longer than the ordinary life', { expirationSeconds: 1e5, expirationType: 'float' }, HOUR, 3 * HOUR],
    ['a float below zero', { expirationSeconds: -1, expirationType: 'float' }, HOUR, 3 * HOUR],
    ['something else that is true', { expirationType: 'other' }, HOUR, 3 * HOUR],
    ['none', {}, HOUR, HOUR],
  ])('is what each reader makes of %s', (_what, known, upTo18, from19) => {
    const facts = factsOf(known);
    const of = (honoursExpiration: ExpirationRule) =>
      lifetimeOf(facts, policyOf({ honoursExpiration, anonymousLifetimeMs: HOUR }));
    expect([of(true), of('int'), of(false)]).toEqual([upTo18, from19, HOUR]);
  });
});

describe('the longest lifetime', () => {
  it('is that of a cookie where the reader heeds an expiration, else that of the reader', () => {
    expect(longestLifetimeMs(policy)).toBe(90 * DAY);
    expect(longestLifetimeMs(policyOf({ honoursExpiration: false }))).toBe(7 * DAY);
    const facts = factsOf({ isAuthenticated: true, expirationSeconds: 90 * 86_400 });
    expect(lifetimeOf(facts, policy)).toBeLessThanOrEqual(longestLifetimeMs(policy));
  });
});

describe('the expiry of a session', () => {
  it('is its last save and its lifetime, to the millisecond', () => {
    expect(expiryOf(login, NOW - 12_345, policy, NOW)).toBe(NOW - 12_345 + 7 * DAY);
    expect(expiryOf(factsOf(), NOW - HOUR, policy, NOW)).toBe(NOW + 2 * HOUR);
    expect(expiryOf(login, NOW - 30 * DAY, policy, NOW)).toBe(NOW - 23 * DAY);
  });

  it('counts from now where the last save lies in the future', () => {
    for (const ahead of [1, 1000, HOUR, 300 * DAY]) {
      expect(expiryOf(login, NOW + ahead, policy, NOW)).toBe(NOW + 7 * DAY);
    }
    expect(expiryOf(login, NOW, policy, NOW)).toBe(NOW + 7 * DAY);
  });

  it('is the deletion time of a session that Odoo replaced, rounded down, if that is earlier', () => {
    const until = (deletionTimeSeconds: number) =>
      expiryOf(factsOf({ isAuthenticated: true, deletionTimeSeconds }), NOW, policy, NOW);
    expect(until(NOW / 1000 + 120)).toBe(NOW + 120_000);
    expect(until(NOW / 1000 + 119.9996)).toBe(NOW + 119_999);
    expect(until(NOW / 1000 + 8 * 86_400)).toBe(NOW + 7 * DAY);
    expect(until(Number.POSITIVE_INFINITY)).toBe(NOW + 7 * DAY);
    expect(until(Number.NaN)).toBe(NOW + 7 * DAY);
  });

  it('is capped by the deletion time also where the session names an expiration', () => {
    const facts = factsOf({ expirationSeconds: 1e6, deletionTimeSeconds: NOW / 1000 + 5 });
    expect(expiryOf(facts, NOW, policy, NOW)).toBe(NOW + 5000);
  });

  it.each([90 * 86_400 + 1, 1e12, 1e300, Number.MAX_VALUE, Number.POSITIVE_INFINITY])(
    'of an absurd expiration of %d s is no later than the file would have lived',
    (expirationSeconds) => {
      const expiry = expiryOf(factsOf({ expirationSeconds }), NOW, policy, NOW);
      expect(expiry).toBe(NOW + 7 * DAY);
      expect(expiryOf(factsOf({ expirationSeconds }), NOW, policyOf({ authenticatedLifetimeMs: 30 * DAY }), NOW)).toBe(
        NOW + 30 * DAY,
      );
    },
  );

  it('is never later than the last save or now plus the lifetime, nor than the deletion time, and always whole', () => {
    const seconds = fc.oneof(
      fc.double({ min: -1e12 }),
      fc.integer({ min: -10, max: 10 }),
      fc.double({ min: 0, max: 1e7 }),
    );
    const times = fc.double({ min: -1e10, max: 1e10, noNaN: true }).map((s) => NOW / 1000 + s);
    fc.assert(
      fc.property(
        fc.integer({ min: -3e13, max: 3e13 }),
        fc.boolean(),
        seconds,
        fc.oneof(seconds, times),
        fc.boolean(),
        (mtimeMs, isAuthenticated, expirationSeconds, deletionTimeSeconds, honoursExpiration) => {
          const facts = factsOf({ isAuthenticated, expirationSeconds, deletionTimeSeconds });
          const lifetimes = policyOf({ honoursExpiration });
          const expiry = expiryOf(facts, mtimeMs, lifetimes, NOW);
          expect(Math.min(mtimeMs, NOW) + lifetimeOf(facts, lifetimes) - expiry).toBeGreaterThanOrEqual(0);
          if (!Number.isNaN(deletionTimeSeconds)) expect(expiry).toBeLessThanOrEqual(deletionTimeSeconds * 1000);
          if (expiry > NOW) expect(Number.isSafeInteger(expiry)).toBe(true);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
