import { MAX_NESTING, MAX_OBJECTS, PyBytes, PyDict, PySet, PyText, type PyValue } from '../../python.js';
import type { Cursor } from './cursor.js';

/** Places in the memo. Picklers number them from 0 or 1 and give each to one object or text of the file. */
export const MAX_MEMO = 200_000;

/** Marks below each other: one for each container that is being filled, see MAX_NESTING. */
export const MAX_MARKS = MAX_NESTING;

/** Keys are compared byte by byte if their hashes agree; hostile ones of up to this length cost nothing to speak of. */
const CHEAP_KEY = 256;

/** Characters that are copied or compared in the time it takes to make an object. */
const CHARACTERS_PER_OBJECT = 16;

/**
 * What a pickle may still make the machine do. The opcodes themselves are bounded by the size of the file; this bounds
 * what a few bytes, repeated, can do with something big in the memo.
 */
export class Allowance {
  private left = MAX_OBJECTS;

  constructor(private readonly cursor: Cursor) {}

  /** Accounts for new objects, or for entries that are copied from one to another. */
  spend(objects: number): void {
    this.left -= objects;
    if (this.left < 0) throw this.cursor.malformed(`more than ${MAX_OBJECTS} objects`);
  }

  spendOnText(length: number): void {
    this.spend(Math.ceil(length / CHARACTERS_PER_OBJECT));
  }

  /** Whether Python takes the value for a key of a dict or an item of a set. What a tuple holds is not looked into. */
  takesKey(key: PyValue): boolean {
    const text = key instanceof PyText ? key.latin1 : key;
    if (typeof text === 'string') {
      if (text.length > CHEAP_KEY) this.spendOnText(text.length);
      return true;
    }
    if (typeof key !== 'object' || key === null) return true;
    if (key instanceof PySet) return key.isFrozen;
    if (key instanceof PyBytes) return !key.isMutable;
    return !Array.isArray(key) && !(key instanceof PyDict);
  }
}
