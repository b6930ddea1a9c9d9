import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { losesCart, planSession } from '../../../src/applications/odoo/plan.js';
import type { SessionFacts } from '../../../src/session.js';
import { DAY, factsOf, HOUR, NOW, policyOf } from '../../support/samples.js';

const login = (known: Partial<SessionFacts> = {}) => factsOf({ isAuthenticated: true, db: 'shop', ...known });
const planOf = (facts: SessionFacts, ageMs = 0, policy = policyOf()) => planSession(facts, NOW - ageMs, policy, NOW);

describe('the plan for a session', () => {
  it('is to write it, with the time at which its file dies', () => {
    expect(planOf(login(), HOUR)).toBe(NOW - HOUR + 7 * DAY);
    expect(planOf(factsOf(), HOUR)).toBe(NOW + 2 * HOUR);
  });

  it('ends with its lifetime: a millisecond before, at it, and after it', () => {
    expect(planOf(login(), 7 * DAY - 1)).toBe(NOW + 1);
    expect(planOf(login(), 7 * DAY)).toBe('expired');
    expect(planOf(login(), 7 * DAY + 1)).toBe('expired');
    expect(planOf(factsOf(), 3 * HOUR)).toBe('expired');
    expect(planOf(login({ expirationSeconds: 60 }), 60_000)).toBe('expired');
    expect(planOf(login({ expirationSeconds: 0.0001 }))).toBe('expired');
  });

  it('leaves a session of another database behind, and one of none', () => {
    const policy = policyOf({ databases: ['shop', 'test'] });
    expect(planOf(login({ db: 'test' }), 0, policy)).toBe(NOW + 7 * DAY);
    expect(planOf(login({ db: 'shop2' }), 0, policy)).toBe('other-db');
    expect(planOf(login({ db: null }), 0, policy)).toBe('other-db');
    expect(planOf(login({ db: 'shop2' }))).toBe(NOW + 7 * DAY);
  });

  it('leaves the clone behind that a report made', () => {
    expect(planOf(login({ isReportClone: true }))).toBe('report-clone');
  });

  it('ends at the deletion time of a session that Odoo replaced', () => {
    expect(planOf(login({ deletionTimeSeconds: NOW / 1000 - 1 }))).toBe('rotated');
    expect(planOf(login({ deletionTimeSeconds: NOW / 1000 }))).toBe('rotated');
    expect(planOf(login({ deletionTimeSeconds: -1e300 }))).toBe('rotated');
    expect(planOf(login({ deletionTimeSeconds: NOW / 1000 + 0.001 }))).toBe(NOW + 1);
    expect(planOf(login({ deletionTimeSeconds: NOW / 1000 + 120 }))).toBe(NOW + 120_000);
    // Less than a millisecond is no time that Redis could be given.
    expect(planOf(login({ deletionTimeSeconds: NOW / 1000 + 0.0005 }))).toBe('expired');
  });

  it('leaves sessions behind that were saved before the age asked for', () => {
    const policy = policyOf({ maxAgeMs: DAY });
    expect(planOf(login(), DAY, policy)).toBe(NOW + 6 * DAY);
    expect(planOf(login(), DAY + 1, policy)).toBe('older');
    expect(planOf(login(), -HOUR, policy)).toBe(NOW + 7 * DAY);
  });

  it('leaves visitors without a login behind when it is asked to', () => {
    const policy = policyOf({ anonymous: 'skip' });
    expect(planOf(factsOf({ hasCart: true }), 0, policy)).toBe('anonymous');
    expect(planOf(login(), 0, policy)).toBe(NOW + 7 * DAY);
  });

  it('names the first reason that holds, in an order that is a contract', () => {
    const everything = factsOf({ db: 'x', isReportClone: true, deletionTimeSeconds: 1 });
    const policy = policyOf({ databases: ['shop'], maxAgeMs: DAY, anonymous: 'skip' });
    const age = 30 * DAY;
    expect(planOf(everything, age, policy)).toBe('other-db');
    expect(planOf({ ...everything, db: 'shop' }, age, policy)).toBe('report-clone');
    expect(planOf({ ...everything, db: 'shop', isReportClone: false }, age, policy)).toBe('rotated');
    const sound = factsOf({ db: 'shop' });
    expect(planOf(sound, age, policy)).toBe('older');
    expect(planOf(sound, age, { ...policy, maxAgeMs: 60 * DAY })).toBe('anonymous');
    expect(planOf(sound, age, { ...policy, maxAgeMs: 60 * DAY, anonymous: 'keep' })).toBe('expired');
  });

  it('depends on nothing but what it is given', () => {
    const facts = login({ deletionTimeSeconds: 5 });
    const policy = policyOf();
    const before = structuredClone({ facts, policy });
    expect(planOf(facts, 0, policy)).toBe(planOf(facts, 0, policy));
    expect({ facts, policy }).toEqual(before);
  });

  it('never is to write a session whose time is over, nor to let one live longer than its lifetime', () => {
    const seconds = fc.oneof(fc.constant(Number.NaN), fc.double(), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
    fc.assert(
      fc.property(
        fc.integer({ min: -10 * DAY, max: 10 * DAY }),
        fc.boolean(),
        seconds,
        seconds,
        (ageMs, isAuthenticated, expirationSeconds, deletion) => {
          const facts = factsOf({ isAuthenticated, expirationSeconds, deletionTimeSeconds: NOW / 1000 + deletion });
          const plan = planOf(facts, ageMs);
          if (typeof plan === 'string') {
            expect(['expired', 'rotated']).toContain(plan);
            return;
          }
          const lifetime = expirationSeconds > 0 ? expirationSeconds * 1000 : isAuthenticated ? 7 * DAY : 3 * HOUR;
          expect(plan).toBeGreaterThan(NOW);
          expect(plan).toBeLessThanOrEqual(Math.min(NOW - ageMs, NOW) + lifetime);
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe('a cart is lost', () => {
  const cart = factsOf({ hasCart: true });

  it('when the file would live on, but the reader has no time left for visitors', () => {
    expect(losesCart(cart, NOW - 4 * HOUR, policyOf(), NOW)).toBe(true);
    expect(losesCart(cart, NOW - 7 * DAY, policyOf(), NOW)).toBe(false);
    expect(losesCart(factsOf(), NOW - 4 * HOUR, policyOf(), NOW)).toBe(false);
    expect(losesCart(login({ hasCart: true }), NOW - 4 * HOUR, policyOf(), NOW)).toBe(false);
  });
});
