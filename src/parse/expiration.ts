import type { SessionFacts } from '../session.js';

/** What Redis takes for a number of seconds (redis/src/util.c, string2ll): no sign but minus, no space, no leading zero. */
const REDIS_INT = /^(?:0|-?[1-9]\d{0,18})$/;

/** Redis refuses to EXPIRE later than this (redis/src/expire.c, expireGenericCommand: milliseconds in 64 bits). */
const MOST_SECONDS = 9_223_372_036_854_000;

/** Notes that a session has no `expiration`, or one that no reader can apply: True, or an int that Redis refuses. */
export function noExpiration(facts: SessionFacts): void {
  facts.expirationSeconds = Number.NaN;
  facts.expirationType = 'int';
}

/** Notes an `expiration` that is true to Python and means no number. */
export function otherExpiration(facts: SessionFacts): void {
  facts.expirationSeconds = Number.NaN;
  facts.expirationType = 'other';
}

export function expirationOfInt(value: number, facts: SessionFacts): void {
  noExpiration(facts);
  if (value !== 0 && Math.abs(value) <= MOST_SECONDS) facts.expirationSeconds = value;
}

export function expirationOfFloat(value: number, facts: SessionFacts): void {
  noExpiration(facts);
  if (value === 0) return;
  facts.expirationType = Number.isFinite(value) ? 'float' : 'other';
  if (Number.isFinite(value)) facts.expirationSeconds = value;
}

export function expirationOfText(text: string, facts: SessionFacts): void {
  if (text === '') {
    noExpiration(facts);
    return;
  }
  otherExpiration(facts);
  if (!REDIS_INT.test(text) || Math.abs(Number(text)) > MOST_SECONDS) return;
  facts.expirationSeconds = Number(text);
  facts.expirationType = 'text';
}
