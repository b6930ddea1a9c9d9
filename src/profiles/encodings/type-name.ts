import { PyBytes, PyDate, PyDateTime, PyDict, PyInstance, PySet, PyTime, PyTuple, type PyValue } from '../../python.js';

/** Python's name of a value's type, for a reason that must not show the value. */
export function typeName(value: PyValue): string {
  if (value instanceof PyBytes) return value.isMutable ? 'bytearray' : 'bytes';
  if (value instanceof PySet) return value.isFrozen ? 'frozenset' : 'set';
  if (value instanceof PyDateTime) return 'datetime';
  if (value instanceof PyDate) return 'date';
  if (value instanceof PyTime) return 'time';
  if (value instanceof PyTuple) return 'tuple';
  if (value instanceof PyDict) return 'dict';
  if (value instanceof PyInstance) return value.className;
  return Array.isArray(value) ? 'list' : typeof value;
}
