import { describe, expect, it } from 'vitest';
import { AS_SENT } from '../../src/redis/ownership.js';
import { UnrecordedKeys } from '../../src/sync/record-gap.js';
import { DAY, HOUR, jsonSession, NOW, settingsOf } from '../support/samples.js';

const LIFE = 7 * DAY;
const NEVER = Number.POSITIVE_INFINITY;
const RENEWS = { ...AS_SENT, renewalMs: LIFE };
const ROTATED = { deletion_time: NOW / 1000 + 120 };

interface Case {
  what: string;
  /** When a login of the common lifetime that ends then was saved. */
  savedMs: number;
  value?: string;
  changedMs?: number | null;
  ownership?: typeof AS_SENT;
  mayBe: boolean;
}

/** Everything that was saved two hours ago is on record. */
const SINCE = NOW - 2 * HOUR;

describe('a value that an incomplete ledger does not know', () => {
  it.each<Case>([
    { what: 'was saved since the last complete pass', savedMs: NOW - HOUR, mayBe: true },
    { what: 'never expires', savedMs: NEVER, mayBe: false },
    { what: 'is of a file that a restore brought back', savedMs: SINCE - HOUR, mayBe: true },
    { what: 'would have been on record for days', savedMs: SINCE - 2 * DAY, mayBe: false },
    { what: 'has ten minutes to live by its module', savedMs: NOW + 600_000 - LIFE, mayBe: false },
    {
      what: 'is no login, which lives for three hours',
      savedMs: NOW + HOUR - LIFE,
      value: jsonSession({ uid: null }),
      mayBe: true,
    },
    {
      what: 'has a lifetime of its own',
      savedMs: NOW + HOUR - LIFE,
      value: jsonSession({ expiration: 7200 }),
      mayBe: true,
    },
    { what: 'was rotated away', savedMs: NOW + 120_000 - LIFE, value: jsonSession(ROTATED), mayBe: true },
    { what: "can't be read", savedMs: NOW - 30 * DAY, value: 'nonsense', mayBe: true },
    { what: 'was saved before the file came there', savedMs: NOW - HOUR, changedMs: NOW - HOUR, mayBe: true },
    { what: 'was saved when the file was there', savedMs: NOW - HOUR, changedMs: NOW - HOUR - 1000, mayBe: false },
    { what: "has a file that can't be looked at", savedMs: NOW, changedMs: NEVER, mayBe: true },
    {
      what: 'may have been renewed when the file was there',
      savedMs: NOW - HOUR,
      changedMs: NOW - DAY,
      ownership: RENEWS,
      mayBe: true,
    },
  ])('$what: $mayBe', ({ savedMs, value = jsonSession(), changedMs = null, ownership = AS_SENT, mayBe }) => {
    const keys = new UnrecordedKeys({ ...settingsOf({ sources: [] }), ownership }, SINCE);
    const held = { value: Buffer.from(value), isOtherType: false, expiryMs: savedMs + LIFE, slackMs: 0 };
    expect(keys.mayBeOurs(held, changedMs)).toBe(mayBe);
  });

  it('is none of ours as a list or a hash', () => {
    const keys = new UnrecordedKeys(settingsOf({ sources: [] }), SINCE);
    expect(keys.mayBeOurs({ value: null, isOtherType: true, expiryMs: NOW + DAY, slackMs: 0 }, null)).toBe(false);
  });
});
