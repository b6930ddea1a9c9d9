import type { SessionFacts } from '../../session.js';

/**
 * What Redis takes for a number of seconds (redis/src/util.c, string2ll): no sign but minus, no space, no leading zero.
 */
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

const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');

const text = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');

const ascii = (word: string): Uint8Array => Buffer.from(word, 'latin1');

const UID = ascii('uid');
const DB = ascii('db');
const TRACE = ascii('_trace');
const EXPIRATION = ascii('expiration');
const CREATE_TIME = ascii('create_time');
const DELETION_TIME = ascii('deletion_time');
const SALE_ORDER = ascii('sale_order_id');
const TRACE_DISABLE = ascii('_trace_disable');
const WEBSITE_SALE = ascii('website_sale_');

/** Twenty characters, each perhaps as an escape of six, and the quotes. */
const LONGEST_NUMBER_IN_QUOTES = 122;

/**
 * Recognises the few top-level keys on which a session's fate depends, by their bytes: no text is made of the keys
 * and values that don't matter. A key that comes twice counts as it does in Python: the last one wins.
 */
export class JsonFactKeys {
  // Most stores serve one database, so its name is decoded once, not once per file.
  #dbBytes: Uint8Array = new Uint8Array(0);
  #db = '';
  /** Carts of the session, by key: a key that comes twice counts as it does the last time. */
  readonly #carts = new Set<string>();

  /** Forgets the session before. */
  begin(): void {
    if (this.#carts.size > 0) this.#carts.clear();
  }

  /** Notes one member: `bytes[keyStart, keyEnd)` is the key in its quotes, `bytes[start, end)` the value's token. */
  note(
    bytes: Uint8Array,
    keyStart: number,
    keyEnd: number,
    isKeyEscaped: boolean,
    start: number,
    end: number,
    facts: SessionFacts,
  ): void {
    if (isKeyEscaped) {
      const key = Buffer.from(JSON.parse(text(bytes, keyStart, keyEnd)));
      this.#note(key, 0, key.length, bytes, start, end, facts);
    } else {
      this.#note(bytes, keyStart + 1, keyEnd - 1, bytes, start, end, facts);
    }
  }

  #note(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    facts: SessionFacts,
  ): void {
    const length = keyEnd - keyStart;
    if (length === 3 && matches(keys, keyStart, UID)) facts.isAuthenticated = isTruthy(bytes, start, end);
    else if (length === 2 && matches(keys, keyStart, DB)) facts.db = this.#dbName(bytes, start, end);
    else if (length === 6 && matches(keys, keyStart, TRACE)) facts.hasTrace = true;
    else if (length === 10 && matches(keys, keyStart, EXPIRATION)) noteExpiration(bytes, start, end, facts);
    else if (length === 11 && matches(keys, keyStart, CREATE_TIME)) facts.hasCreateTime = true;
    else if (length === 13 && matches(keys, keyStart, DELETION_TIME)) {
      facts.deletionTimeSeconds = number(bytes, start, end);
    } else if (length === 14 && matches(keys, keyStart, TRACE_DISABLE)) {
      facts.isReportClone = isTruthy(bytes, start, end);
    } else if (
      (length === 13 && matches(keys, keyStart, SALE_ORDER)) ||
      (length > 13 && matches(keys, keyStart, WEBSITE_SALE))
    ) {
      const name = latin1(keys, keyStart, keyEnd);
      if (isTruthy(bytes, start, end)) this.#carts.add(name);
      else this.#carts.delete(name);
      facts.hasCart = this.#carts.size > 0;
    }
  }

  #dbName(bytes: Uint8Array, start: number, end: number): string | null {
    if (bytes[start] !== 0x22) return null;
    const known = this.#dbBytes;
    if (known.length === end - start && matches(bytes, start, known)) return this.#db;
    this.#db = JSON.parse(text(bytes, start, end)) as string;
    // A copy: `slice` of a Buffer would be a window on the bytes of the next file.
    this.#dbBytes = Uint8Array.from(bytes.subarray(start, end));
    return this.#db;
  }
}

function matches(bytes: Uint8Array, start: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}

/** Python's truth of a scanned value: null, false, zero, "" and empty containers are false; NaN is true. */
function isTruthy(bytes: Uint8Array, start: number, end: number): boolean {
  switch (bytes[start]) {
    case 0x66: // false
    case 0x6e: // null
      return false;
    case 0x74: // true
    case 0x4e: // NaN
    case 0x49: // Infinity
      return true;
    case 0x22:
      return end - start > 2;
    case 0x5b:
    case 0x7b:
      return latin1(bytes, start + 1, end - 1).trim() !== '';
    default:
      return Number(latin1(bytes, start, end)) !== 0;
  }
}

function noteExpiration(bytes: Uint8Array, start: number, end: number, facts: SessionFacts): void {
  const first = bytes[start] as number;
  if (first === 0x22) {
    const isLong = end - start > LONGEST_NUMBER_IN_QUOTES;
    expirationOfText(isLong ? 'no number' : (JSON.parse(text(bytes, start, end)) as string), facts);
  } else if (first === 0x2d || (first >= 0x30 && first <= 0x39)) {
    const token = latin1(bytes, start, end);
    // A scanned number without these is an int.
    if (!/[.eEI]/.test(token)) expirationOfInt(Number(token), facts);
    else expirationOfFloat(Number(token), facts);
  } else if (first !== 0x74 && isTruthy(bytes, start, end)) {
    otherExpiration(facts);
  } else {
    noExpiration(facts);
  }
}

/** A JSON number as a double; NaN for every other value. */
function number(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] as number;
  return first === 0x2d || (first >= 0x30 && first <= 0x39) ? Number(latin1(bytes, start, end)) : Number.NaN;
}
