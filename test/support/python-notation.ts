import { PyDate, PyDateTime, PyTime } from '../../src/python/dates.js';
import { PyBytes, PyDict, PyFloat, PySet, PyText, PyTuple, type PyValue } from '../../src/python/values.js';

/** A Python value in JSON, as fixtures/pickle/notation.py writes and reads it. */
export type Notation = null | boolean | string | Notation[] | { [type: string]: unknown };

export function toNotation(value: PyValue): Notation {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return { int: String(value) };
  if (Array.isArray(value)) return value.map(toNotation);
  if (value instanceof PyFloat) return { float: Object.is(value.value, -0) ? '-0.0' : String(value.value) };
  if (value instanceof PyBytes) {
    return { [value.isMutable ? 'bytearray' : 'bytes']: Buffer.from(value.bytes).toString('hex') };
  }
  if (value instanceof PyText) return { text: Buffer.from(value.latin1, 'latin1').toString('hex') };
  if (value instanceof PyTuple) return { tuple: value.items.map(toNotation) };
  if (value instanceof PySet) return { [value.isFrozen ? 'frozenset' : 'set']: value.items.map(toNotation) };
  if (value instanceof PyDict) {
    return { dict: value.keys.map((key, i) => [toNotation(key), toNotation(value.values[i] as PyValue)]) };
  }
  if (value instanceof PyDateTime) return { datetime: Object.values(value) };
  return value instanceof PyDate ? { date: Object.values(value) } : { time: Object.values(value) };
}

export function fromNotation(notation: Notation): PyValue {
  if (notation === null || typeof notation !== 'object') return notation;
  if (Array.isArray(notation)) return notation.map(fromNotation);
  const [type, content] = Object.entries(notation)[0] as [string, string & Notation[] & number[]];
  switch (type) {
    case 'int':
      return Number.isSafeInteger(Number(content)) ? Number(content) : BigInt(content);
    case 'float':
      return new PyFloat(Number((content as string).replace('inf', 'Infinity').replace('nan', 'NaN')));
    case 'text':
      return new PyText(Buffer.from(content as string, 'hex').toString('latin1'));
    case 'bytes':
    case 'bytearray':
      return new PyBytes(Uint8Array.from(Buffer.from(content as string, 'hex')), type === 'bytearray');
    case 'tuple':
      return new PyTuple((content as Notation[]).map(fromNotation));
    case 'set':
    case 'frozenset':
      return setOf((content as Notation[]).map(fromNotation), type === 'frozenset');
    case 'dict':
      return dictOf((content as unknown as Notation[][]).map((pair) => pair.map(fromNotation) as [PyValue, PyValue]));
    case 'datetime':
      return new PyDateTime(...(content as unknown as ConstructorParameters<typeof PyDateTime>));
    case 'date':
      return new PyDate(...(content as unknown as ConstructorParameters<typeof PyDate>));
    case 'time':
      return new PyTime(...(content as unknown as ConstructorParameters<typeof PyTime>));
    default:
      throw new TypeError(`no notation of ${type}`);
  }
}

export function dictOf(pairs: Iterable<readonly [PyValue, PyValue]>): PyDict {
  const dict = new PyDict();
  for (const [key, value] of pairs) dict.set(key, value);
  return dict;
}

export function setOf(items: Iterable<PyValue>, isFrozen = false): PySet {
  const set = new PySet(isFrozen);
  for (const item of items) set.add(item);
  return set;
}
