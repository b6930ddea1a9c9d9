import { PyDict, PyMultiDict, PyTuple, type PyValue } from '../../python.js';
import type { Allowance } from './allowance.js';

/**
 * Fills a mapping as its Python class does from a dict or a list of pairs: false where `source` is neither. Lists of
 * pairs come from Python 2's OrderedDict and werkzeug's immutable classes, a dict of lists is MultiDict's state.
 */
export function fill(target: PyDict, source: PyValue, allowance: Allowance): boolean {
  if (source instanceof PyDict) {
    allowance.spend(source.keys.length);
    const isOfLists = target instanceof PyMultiDict && !(source instanceof PyMultiDict);
    for (let i = 0; i < source.keys.length; i++) {
      const value = source.values[i] as PyValue;
      const first = isOfLists ? firstOf(value) : value;
      const key = source.keys[i] as PyValue;
      if (first !== undefined && allowance.takesKey(key)) target.set(key, first);
    }
    return true;
  }
  if (!Array.isArray(source)) return false;
  allowance.spend(source.length);
  for (const entry of source) {
    const pair = entry instanceof PyTuple ? entry.items : entry;
    if (!Array.isArray(pair) || pair.length !== 2) return false;
    const [key, value] = pair as [PyValue, PyValue];
    if (!allowance.takesKey(key)) return false;
    if (!(target instanceof PyMultiDict && target.has(key))) target.set(key, value);
  }
  return true;
}

/** MultiDict takes lists and tuples for lists of values, and leaves out a key without any. */
function firstOf(value: PyValue): PyValue | undefined {
  if (value instanceof PyTuple) return value.items[0];
  return Array.isArray(value) ? value[0] : value;
}
