import { PyDate, PyDateTime } from '../../python/dates.js';
import {
  MAX_NESTING,
  PyBytes,
  PyDict,
  PyFloat,
  PyInstance,
  PyMultiDict,
  PySet,
  PyText,
  PyTuple,
  type PyValue,
} from '../../python/values.js';

/**
 * Parts that one value may show, and characters of their texts: a few bytes of pickle can refer to one part for ever.
 */
const MAX_PARTS = 1_000_000;
const MAX_CHARACTERS = 2 ** 24;

/** Thrown for a value that unfolds to more than can be compared. */
export class Incomparable extends Error {
  override readonly name = 'Incomparable';
}

/**
 * Writes a value as text that is the same for all values of the same meaning, and different for any two others. The
 * order of a dict or a set means nothing, and neither does whether Python 2 had text as bytes or as unicode. Types do:
 * 1, 1.0 and True are three values, and so are a list and a tuple. NaN means the same as NaN.
 */
export class CanonicalText {
  #parts = 0;
  #characters = 0;

  /** @throws {Incomparable} */
  of(value: PyValue, depth = 0): string {
    if (++this.#parts > MAX_PARTS || depth > MAX_NESTING) throw new Incomparable('too large to be compared');
    if (value === null) return 'None';
    switch (typeof value) {
      case 'boolean':
        return value ? 'True' : 'False';
      case 'number':
      case 'bigint':
        return String(value);
      case 'string':
        return this.#text(value);
    }
    if (value instanceof PyFloat) return `f${Object.is(value.value, -0) ? '-0' : value.value}`;
    if (value instanceof PyText) {
      const decoded = value.decode();
      return decoded === null ? `raw${this.#text(value.latin1)}` : this.#text(decoded);
    }
    if (value instanceof PyBytes) return this.#bytes(value);
    if (Array.isArray(value)) return `[${this.#list(value, depth)}]`;
    if (value instanceof PyTuple) return `(${this.#list(value.items, depth)})`;
    if (value instanceof PySet) return `${value.isFrozen ? 'frozen' : 'set'}<${this.#sorted(value.items, depth)}>`;
    if (value instanceof PyDict) return this.#dict(value, depth);
    if (value instanceof PyInstance) throw new Incomparable(`holds an object of class ${value.className}`);
    const kind = value instanceof PyDateTime ? 'datetime' : value instanceof PyDate ? 'date' : 'time';
    return `${kind}(${Object.values(value).join()})`;
  }

  #text(text: string): string {
    this.#spend(text.length);
    return JSON.stringify(text);
  }

  #bytes({ bytes, isMutable }: PyBytes): string {
    this.#spend(2 * bytes.length);
    return `${isMutable ? 'bytearray' : 'bytes'}:${Buffer.from(bytes).toString('hex')}`;
  }

  #list(items: readonly PyValue[], depth: number): string {
    return items.map((item) => this.of(item, depth + 1)).join();
  }

  #sorted(items: readonly PyValue[], depth: number): string {
    return items
      .map((item) => this.of(item, depth + 1))
      .sort()
      .join();
  }

  #dict(dict: PyDict, depth: number): string {
    const { keys, values } = dict;
    const pairs = keys.map((key, i) => `${this.of(key, depth + 1)}:${this.of(values[i] as PyValue, depth + 1)}`);
    return `${dict instanceof PyMultiDict ? 'multi' : ''}{${pairs.sort().join()}}`;
  }

  #spend(characters: number): void {
    this.#characters += characters;
    if (this.#characters > MAX_CHARACTERS) throw new Incomparable('too large to be compared');
  }
}

/** Keys that Odoo itself puts into sessions, 8.0 to 19.0; what a module or a visitor names a key may be a secret. */
const KEYS_OF_ODOO = new Set(
  [
    'db uid login password session_token context debug geoip _geoip saved_actions serialized_request_data',
    'pre_uid pre_login identity-check-last identity-check-next identity-check-1fa is_websocket_session sale_order_id',
    '_trace _trace_disable create_time next_sid deletion_time gc_previous_sessions expiration timezone',
    '_devices _device_salt _device_fingerprint',
  ].flatMap((line) => line.split(' ')),
);

/** Names of keys that one account of a difference shows. */
const SHOWN_KEYS = 6;

/** The keys of two sessions by which they differ. */
export interface SessionDiff {
  /** In both, with other values. */
  changed: string[];
  onlyInFile: string[];
  onlyInRedis: string[];
}

/**
 * Compares two sessions by meaning; null where they are the same.
 * @throws {Incomparable}
 */
export function diffSessions(file: PyDict, redis: PyDict): SessionDiff | null {
  const inFile = canonicalEntriesOf(file);
  const inRedis = canonicalEntriesOf(redis);
  const found: SessionDiff = { changed: [], onlyInFile: [], onlyInRedis: [] };
  for (const [key, { name, text }] of inFile) {
    const other = inRedis.get(key);
    if (other === undefined) found.onlyInFile.push(name);
    else if (other.text !== text) found.changed.push(name);
  }
  for (const [key, { name }] of inRedis) if (!inFile.has(key)) found.onlyInRedis.push(name);
  const isSame = found.changed.length + found.onlyInFile.length + found.onlyInRedis.length === 0;
  return isSame ? null : found;
}

/** The difference in words; of keys that are not Odoo's own it gives the number alone. */
export function describeDiff({ changed, onlyInFile, onlyInRedis }: SessionDiff): string {
  const parts: string[] = [];
  if (changed.length > 0) parts.push(`another value of ${listOf(changed)}`);
  if (onlyInFile.length > 0) parts.push(`no ${listOf(onlyInFile)}`);
  if (onlyInRedis.length > 0) parts.push(`${listOf(onlyInRedis)} besides`);
  return `has ${parts.join('; ')}`;
}

function listOf(names: readonly string[]): string {
  const shown = names.filter((name) => KEYS_OF_ODOO.has(name)).slice(0, SHOWN_KEYS);
  const rest = names.length - shown.length;
  if (rest === 0) return shown.join(', ');
  const others = `${rest} ${shown.length > 0 ? 'more ' : ''}${rest === 1 ? 'key' : 'keys'}`;
  return shown.length > 0 ? `${shown.join(', ')} and ${others}` : others;
}

interface Entry {
  name: string;
  text: string;
}

function canonicalEntriesOf({ keys, values }: PyDict): Map<string, Entry> {
  const canonical = new CanonicalText();
  return new Map(
    keys.map((key, i) => [canonical.of(key), { name: nameOf(key), text: canonical.of(values[i] as PyValue) }]),
  );
}

function nameOf(key: PyValue): string {
  if (key instanceof PyText) return key.latin1;
  return typeof key === 'string' ? key : '';
}
