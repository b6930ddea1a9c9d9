import { PyDict, PyInstance, PyMultiDict, PyText, PyTuple, type PyValue } from '../../python.js';
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

/**
 * What a MultiDict's own `__setstate__` makes of a dict: it takes any values, where its methods look for lists and find the
 * first item (werkzeug/datastructures/structures.py). A text is a list of its characters to them; of what has no first
 * item only the pickle itself can be copied. False for what it takes for no state.
 */
export function restore(target: PyMultiDict, state: PyValue, allowance: Allowance): boolean {
  if (!(state instanceof PyDict) || state instanceof PyMultiDict) return fill(target, state, allowance);
  allowance.spend(state.keys.length);
  for (let i = 0; i < state.keys.length; i++) {
    const key = state.keys[i] as PyValue;
    if (!allowance.takesKey(key)) return false;
    fillList(target, key, itemsOf(state.values[i] as PyValue), allowance);
  }
  return true;
}

function itemsOf(value: PyValue): readonly PyValue[] {
  if (value instanceof PyTuple) return value.items;
  if (Array.isArray(value)) return value;
  const text = value instanceof PyText ? value.decode() : value;
  return typeof text === 'string' ? [...text] : [new PyInstance('of a MultiDict without a list', -1)];
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
