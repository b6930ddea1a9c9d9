import { unpackZlib } from './envelopes.js';
import { MarshalValues } from './marshal.js';
import { childOf, type FoundMembers, KIND } from './member-paths.js';
import { endsEarly, goesOn, malformed, type Scanner } from './scanner.js';

/** The member as which rules find when an entry ends, in seconds of the epoch; absent for one that never does. */
const ENDS = Buffer.from('@expires_at');

const MARSHAL = 0x04;
/** Format 7.0: one of these bytes, then Marshal, packed by zlib or not. */
const PLAIN_70 = 0x00;
const PACKED_70 = 0x01;
/** Format 7.1: this byte behind a zero; what the value is; when it ends; how long its version is; both. */
const SECOND_71 = 0x11;
const TYPE_AT = 2;
const END_AT = 3;
const VERSION_AT = 11;
const HEAD_71 = 15;
const OBJECT = 1;
const LAST_TEXT = 4;
const PACKED_71 = 0x80;

/**
 * An entry of Rails' cache with a session in it, in the formats 6.1, 7.0 and 7.1 (rails/rails
 * activesupport/lib/active_support/cache/coder.rb, entry.rb, serializer_with_fallback.rb). A session is a hash.
 */
export class RailsCacheSession implements Scanner {
  readonly #values = new MarshalValues();
  #found: FoundMembers | null = null;
  #endSeconds = Number.NaN;

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    this.#found = found;
    this.#endSeconds = Number.NaN;
    if (end - start < 2) endsEarly(end);
    const [first, second] = [bytes[start], bytes[start + 1]];
    const inner =
      first === PLAIN_70 && second === SECOND_71
        ? this.#scan71(bytes, start, end)
        : first === PLAIN_70 || first === PACKED_70
          ? this.#scan70(bytes, start, end)
          : first === MARSHAL
            ? this.#scan61(bytes, start, end)
            : malformed("this starts like no entry of Rails' cache", start);
    if (!Number.isNaN(this.#endSeconds)) {
      const node = childOf(found.paths.root, ENDS, 0, ENDS.length);
      found.note(node, KIND.float, 0, 0, this.#endSeconds);
    }
    return inner;
  }

  #scan71(bytes: Uint8Array, start: number, end: number): Uint8Array {
    if (end - start < HEAD_71) endsEarly(end);
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, HEAD_71);
    const type = view.getUint8(TYPE_AT);
    const ends = view.getFloat64(END_AT, true);
    if (!Number.isFinite(ends)) malformed('the end of the entry is no number', start + END_AT);
    if (ends >= 0) this.#endSeconds = ends;
    const kind = type & ~PACKED_71;
    if (kind > OBJECT && kind <= LAST_TEXT) malformed('the entry is a text and no session', start + TYPE_AT);
    if (kind !== OBJECT) malformed('an entry of a kind that is not known', start + TYPE_AT);
    const payload = start + HEAD_71 + Math.max(0, view.getInt32(VERSION_AT, true));
    if (payload >= end) endsEarly(end);
    const [inner, from, to] = (type & PACKED_71) === 0 ? [bytes, payload, end] : inflated(bytes, payload, end);
    if (inner[from] !== MARSHAL) malformed('its serializer is another one than Marshal', payload);
    this.#values.begin(inner, from, to);
    this.#session();
    this.#stop(to);
    return inner;
  }

  #scan70(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const isPacked = bytes[start] === PACKED_70;
    const [inner, from, to] = isPacked ? inflated(bytes, start + 1, end) : ([bytes, start + 1, end] as const);
    const values = this.#values;
    values.begin(inner, from, to);
    if (values.byte() !== 0x5b) malformed('an entry is an array, and this is none', from);
    const count = values.length();
    if (count < 1 || count > 3) malformed('an entry has one to three parts', from);
    this.#session();
    for (let i = 1; i < count; i++) {
      this.#other();
      if (i === 1 && values.kind !== KIND.null) this.#endSeconds = this.#number(from);
    }
    this.#stop(to);
    return inner;
  }

  /** The object itself; what it had cost to pack is its value, where that is packed. */
  #scan61(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const values = this.#values;
    values.begin(bytes, start, end);
    if (values.byte() !== 0x6f || this.#symbol(bytes) !== 'ActiveSupport::Cache::Entry') {
      malformed("this is no entry of Rails' cache", start);
    }
    let createdAt = 0;
    let expiresIn = Number.NaN;
    let value: { at: number; isText: boolean; isHash: boolean; start: number; stop: number } | null = null;
    let isPacked = false;
    for (let left = values.length(); left > 0; left--) {
      const name = this.#symbol(bytes);
      const at = values.position;
      if (name === '@value') {
        values.read(this.#found?.paths.root ?? null, this.#found as FoundMembers, true);
        const { isHash, start: from, stop } = values;
        value = { at, isText: values.kind === KIND.text, isHash, start: from, stop };
        continue;
      }
      this.#other();
      if (name === '@created_at') createdAt = this.#number(at);
      else if (name === '@expires_in' && values.kind !== KIND.null) expiresIn = this.#number(at);
      else if (name === '@compressed') isPacked = values.kind === KIND.true;
    }
    this.#stop(end);
    this.#endSeconds = createdAt + expiresIn;
    if (value === null) malformed('the entry holds no value', start);
    if (!isPacked || !value.isText) {
      requireHash(value.isHash, value.at);
      return bytes;
    }
    const [inner, from, to] = inflated(bytes, value.start, value.stop);
    values.begin(inner, from, to);
    this.#session();
    this.#stop(to);
    return inner;
  }

  /** Reads the session, a hash. */
  #session(): void {
    const values = this.#values;
    const at = values.position;
    values.read(this.#found?.paths.root ?? null, this.#found as FoundMembers, true);
    requireHash(values.isHash, at);
  }

  #other(): void {
    this.#values.read(null, this.#found as FoundMembers, false);
  }

  #number(at: number): number {
    const { kind, number } = this.#values;
    if ((kind !== KIND.float && kind !== KIND.integer) || !Number.isFinite(number)) {
      malformed('the end of the entry is no number', at);
    }
    return number;
  }

  #symbol(bytes: Uint8Array): string {
    this.#values.symbol();
    return Buffer.from(bytes.subarray(this.#values.start, this.#values.stop)).toString();
  }

  #stop(end: number): void {
    if (this.#values.position < end) goesOn(this.#values.position);
  }
}

function requireHash(isHash: boolean, at: number): void {
  if (!isHash) malformed('the entry is no session, which is a hash', at);
}

function inflated(bytes: Uint8Array, start: number, end: number): readonly [Uint8Array, number, number] {
  const inner = unpackZlib(bytes, start, end);
  return [inner, 0, inner.length];
}
