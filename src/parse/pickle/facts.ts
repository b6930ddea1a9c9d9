import { MalformedSession } from '../../errors.js';
import { baseOf, PyBytes, PyDict, PyFloat, PySet, PyText, PyTuple, type PyValue } from '../../python.js';
import type { SessionFacts } from '../../session.js';
import { expirationOfFloat, expirationOfInt, expirationOfText, noExpiration, otherExpiration } from '../expiration.js';

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
