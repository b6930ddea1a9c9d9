import { MalformedSession } from '../../errors.js';
import { unpickle } from '../../python/pickle/read.js';
import { baseOf, PyBytes, PyDict, PyFloat, PySet, PyText, PyTuple, type PyValue } from '../../python/values.js';
import type { SessionFacts } from '../../session.js';
import { expirationOfFloat, expirationOfInt, expirationOfText, noExpiration, otherExpiration } from './json-facts.js';
import { JsonScanner } from './json-scan.js';

/** Fills in what the fate of a session depends on, from what its pickle holds. */
export function pickleFacts(value: PyValue, facts: SessionFacts): void {
  const root = baseOf(value);
  if (!(root instanceof PyDict)) throw new MalformedSession('the pickle holds no dict', 0);
  facts.format = 'pickle';
  const { keys, values } = root;
  for (let i = 0; i < keys.length; i++) {
    const key = baseOf(keys[i] as PyValue);
    // The keys that matter are ASCII, where Python 2's bytes are the text.
    const name = key instanceof PyText ? key.latin1 : key;
    if (typeof name === 'string') takeFact(name, baseOf(values[i] as PyValue), facts);
  }
}

function takeFact(name: string, value: PyValue, facts: SessionFacts): void {
  switch (name) {
    case 'uid':
      facts.isAuthenticated = isTruthy(value);
      break;
    case 'db':
      facts.db = value instanceof PyText ? value.decode() : typeof value === 'string' ? value : null;
      break;
    case 'expiration':
      takeExpiration(value, facts);
      break;
    case 'deletion_time':
      facts.deletionTimeSeconds = seconds(value);
      break;
    case '_trace_disable':
      facts.isReportClone = isTruthy(value);
      break;
    case '_trace':
      facts.hasTrace = true;
      break;
    case 'create_time':
      facts.hasCreateTime = true;
      break;
    default:
      if ((name === 'sale_order_id' || name.startsWith('website_sale_')) && isTruthy(value)) facts.hasCart = true;
  }
}

function takeExpiration(value: PyValue, facts: SessionFacts): void {
  if (typeof value === 'number' || typeof value === 'bigint') expirationOfInt(Number(value), facts);
  else if (value instanceof PyFloat) expirationOfFloat(value.value, facts);
  else if (typeof value === 'string') expirationOfText(value, facts);
  else if (value instanceof PyText) expirationOfText(value.latin1, facts);
  else if (value !== true && isTruthy(value)) otherExpiration(facts);
  else noExpiration(facts);
}

/** A number of seconds; NaN for every other type, and for what no clock can reach. */
function seconds(value: PyValue): number {
  const count = value instanceof PyFloat ? value.value : typeof value === 'bigint' ? Number(value) : value;
  return typeof count === 'number' && Number.isFinite(count) ? count : Number.NaN;
}

/** Python's `bool(value)`. */
function isTruthy(value: PyValue): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  if (value instanceof PyFloat) return value.value !== 0;
  if (value instanceof PyText) return value.latin1.length > 0;
  if (value instanceof PyBytes) return value.bytes.length > 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof PyTuple || value instanceof PySet) return value.items.length > 0;
  // Dates are true, and so is midnight since Python 3.5.
  return !(value instanceof PyDict) || value.keys.length > 0;
}

/** PROTO, with which every pickle of protocol 2 and later starts. */
const PROTO = 0x80;
/** What a dict starts with in protocols 0 and 1: MARK, EMPTY_DICT, or the class of a dict subclass. */
const OLD_PICKLE_STARTS = [0x28, 0x7d, 0x63];

/**
 * Reads session files of any Odoo version. The format is told from the first byte, never from the name: a data
 * directory that was upgraded holds both.
 */
export class SessionParser {
  readonly #json = new JsonScanner();

  /**
   * Fills `facts` from `bytes[0, length)` and returns the decoded session of a pickle, or null for JSON, whose bytes
   * are checked and stay as they are.
   * @throws {MalformedSession}
   * @throws {UnsupportedSession}
   */
  parse(bytes: Uint8Array, length: number, facts: SessionFacts): PyValue {
    const first = bytes[0] as number;
    if (first === PROTO || OLD_PICKLE_STARTS.includes(first)) {
      facts.format = 'pickle';
      const root = unpickle(bytes, 0, length);
      pickleFacts(root, facts);
      return root;
    }
    if (first !== 0x7b && first !== 0x20 && first !== 0x0a && first !== 0x0d && first !== 0x09) {
      throw new MalformedSession('neither a pickle nor a JSON object starts like this', 0);
    }
    this.#json.scan(bytes, 0, length, facts);
    return null;
  }
}

/** The protocol of a pickle's bytes; 0 and 1 don't say which of the two they are. */
export function pickleProtocolOf(bytes: Uint8Array): number {
  return bytes[0] === PROTO ? (bytes[1] as number) : 1;
}
