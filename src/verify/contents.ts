import { type PyDict, PyText, type PyValue } from '../python.js';
import { Meaning } from './meaning.js';

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
export interface Contrast {
  /** In both, with other values. */
  changed: string[];
  onlyInFile: string[];
  onlyInRedis: string[];
}

/** Compares two sessions by meaning; null where they are the same. @throws {Incomparable} */
export function contrast(file: PyDict, redis: PyDict): Contrast | null {
  const inFile = meaningsOf(file);
  const inRedis = meaningsOf(redis);
  const found: Contrast = { changed: [], onlyInFile: [], onlyInRedis: [] };
  for (const [key, { name, meaning }] of inFile) {
    const other = inRedis.get(key);
    if (other === undefined) found.onlyInFile.push(name);
    else if (other.meaning !== meaning) found.changed.push(name);
  }
  for (const [key, { name }] of inRedis) if (!inFile.has(key)) found.onlyInRedis.push(name);
  const isSame = found.changed.length + found.onlyInFile.length + found.onlyInRedis.length === 0;
  return isSame ? null : found;
}

/** The contrast in words; of keys that are not Odoo's own it gives the number alone. */
export function describeContrast({ changed, onlyInFile, onlyInRedis }: Contrast): string {
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
  meaning: string;
}

function meaningsOf({ keys, values }: PyDict): Map<string, Entry> {
  const meaning = new Meaning();
  return new Map(
    keys.map((key, i) => [meaning.of(key), { name: nameOf(key), meaning: meaning.of(values[i] as PyValue) }]),
  );
}

function nameOf(key: PyValue): string {
  if (key instanceof PyText) return key.latin1;
  return typeof key === 'string' ? key : '';
}
