import { PyDict, PyMultiDict, PyTuple, type PyValue } from '../../python.js';
import type { Allowance } from './allowance.js';

/**
 * Fills a mapping as its Python class does from a dict or a list of pairs: false where `source` is neither. Lists of
 * pairs come from Python 2's OrderedDict and werkzeug's immutable classes, a dict of lists is MultiDict's state.
 */
export function fill(target: PyDict, source: PyValue, allowance: Allowance): boolean {
  if (source instanceof PyDict) {
    allowance.spend(source.keys.length);
    for (let i = 0; i < source.keys.length; i++) {
      const key = source.keys[i] as PyValue;
      if (!allowance.takesKey(key)) return false;
      if (target instanceof PyMultiDict) fillList(target, key, listAt(source, i), allowance);
      else target.set(key, source.values[i] as PyValue);
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
    if (target instanceof PyMultiDict) target.add(key, value);
    else target.set(key, value);
  }
  return true;
}

/** Whether each value of a dict is a list, as in the state that a MultiDict is pickled with. */
export function isOfLists(state: PyValue): boolean {
  return !(state instanceof PyDict) || state.values.every((value) => Array.isArray(value) || value instanceof PyTuple);
}

/** MultiDict leaves out a key without values. */
function fillList(target: PyMultiDict, key: PyValue, list: readonly PyValue[], allowance: Allowance): void {
  allowance.spend(list.length);
  if (list.length > 0) target.setList(key, list.slice());
}

/** MultiDict takes lists and tuples for lists of values. */
function listAt(source: PyDict, place: number): readonly PyValue[] {
  if (source instanceof PyMultiDict) return source.lists[place] as PyValue[];
  const value = source.values[place] as PyValue;
  if (value instanceof PyTuple) return value.items;
  return Array.isArray(value) ? value : [value];
}
