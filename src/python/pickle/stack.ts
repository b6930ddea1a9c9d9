import { PyDict, PyInstance, PySet, PyTuple, type PyValue } from '../values.js';
import { type Allowance, type Cursor, MAX_MARKS, MAX_MEMO } from './cursor.js';
import { PyClass } from './unknown-classes.js';

/** The machine's memory: values in the making, the marks that set them apart, and the memo of those to come back to. */
export class Stack {
  private readonly values: PyValue[] = [];
  private readonly marks: number[] = [];
  private readonly memo: (PyValue | undefined)[] = [];
  private memoized = 0;
  /** Values below belong to what was before the last mark. */
  private fence = 0;

  constructor(
    private readonly cursor: Cursor,
    private readonly allowance: Allowance,
  ) {}

  push(value: PyValue): void {
    this.values.push(value);
  }

  pop(): PyValue {
    if (this.values.length <= this.fence) throw this.cursor.malformed('stack is empty');
    return this.values.pop() as PyValue;
  }

  top(): PyValue {
    if (this.values.length <= this.fence) throw this.cursor.malformed('stack is empty');
    return this.values[this.values.length - 1] as PyValue;
  }

  mark(): void {
    if (this.marks.length >= MAX_MARKS) throw this.cursor.malformed(`more than ${MAX_MARKS} marks`);
    this.fence = this.values.length;
    this.marks.push(this.fence);
  }

  /** POP drops a value, or a mark that has none above it. */
  drop(): void {
    if (this.values.length > this.fence) this.values.pop();
    else this.unmark();
  }

  dropToMark(): void {
    this.values.length = this.unmark();
  }

  /** The values since the last mark, off the stack. */
  popToMark(): PyValue[] {
    return this.popFrom(this.unmark());
  }

  /** The last `count` values, off the stack. */
  popTuple(count: number): PyTuple {
    const start = this.values.length - count;
    if (start < this.fence) throw this.cursor.malformed('stack is empty');
    return new PyTuple(this.popFrom(start));
  }

  /** APPEND. */
  append(): void {
    const item = this.pop();
    const list = listOf(this.top());
    if (!Array.isArray(list)) throw this.cursor.malformed('APPEND to what is no list');
    list.push(item);
  }

  /** Moves the values since the last mark into the list below it. */
  appendFromMark(): void {
    const start = this.unmark();
    const list = listOf(this.below(start));
    if (!Array.isArray(list)) throw this.cursor.malformed('APPENDS to what is no list');
    const { values } = this;
    for (let i = start; i < values.length; i++) list.push(values[i] as PyValue);
    values.length = start;
  }

  /** Moves the pairs since the last mark into the dict below it. */
  setFromMark(): void {
    const start = this.unmark();
    this.setFrom(start, this.below(start));
  }

  /** SETITEM. */
  setPair(): void {
    const start = this.values.length - 2;
    if (start < this.fence) throw this.cursor.malformed('stack is empty');
    this.setFrom(start, this.below(start));
  }

  /** DICT: the pairs since the last mark, as a dict of their own. */
  dictFromMark(): PyDict {
    const dict = new PyDict();
    this.setFrom(this.unmark(), dict);
    return dict;
  }

  /** Moves the values since the last mark into the set below it. */
  addFromMark(): void {
    const start = this.unmark();
    const set = this.below(start);
    if (!(set instanceof PySet) || set.isFrozen) throw this.cursor.malformed('ADDITEMS to what is no set');
    this.addFrom(start, set);
  }

  /** FROZENSET. */
  frozenSetFromMark(): PySet {
    const set = new PySet(true);
    this.addFrom(this.unmark(), set);
    return set;
  }

  put(index: number): void {
    const value = this.top();
    if (index >= MAX_MEMO) throw this.cursor.malformed(`more than ${MAX_MEMO} memo places`);
    const { memo } = this;
    // A gap is filled, so that V8 keeps the memo an array whatever order its places are taken in.
    while (memo.length < index) memo.push(undefined);
    if (memo[index] === undefined) this.memoized++;
    memo[index] = value;
  }

  /** MEMOIZE: the place is the number of those taken. */
  memoize(): void {
    this.put(this.memoized);
  }

  get(index: number): void {
    const value = this.memo[index];
    if (value === undefined) throw this.cursor.malformed('memo place is empty');
    this.values.push(value);
  }

  private unmark(): number {
    const start = this.marks.pop();
    if (start === undefined) throw this.cursor.malformed('no mark');
    this.fence = this.marks.length === 0 ? 0 : (this.marks[this.marks.length - 1] as number);
    return start;
  }

  private below(start: number): PyValue | undefined {
    return start > this.fence ? this.values[start - 1] : undefined;
  }

  private popFrom(start: number): PyValue[] {
    const popped = this.values.slice(start);
    this.values.length = start;
    return popped;
  }

  private setFrom(start: number, target: PyValue | undefined): void {
    const { values, allowance } = this;
    const dict = target instanceof PyInstance && !(target instanceof PyClass) ? dictOf(target) : target;
    if (!(dict instanceof PyDict)) throw this.cursor.malformed('item for what is no dict');
    if ((values.length - start) % 2 !== 0) throw this.cursor.malformed('key without a value');
    for (let i = start; i < values.length; i += 2) {
      const key = values[i] as PyValue;
      if (!allowance.takesKey(key)) throw this.cursor.malformed('unhashable key');
      dict.set(key, values[i + 1] as PyValue);
    }
    values.length = start;
  }

  private addFrom(start: number, set: PySet): void {
    for (let i = start; i < this.values.length; i++) {
      const item = this.values[i] as PyValue;
      if (!this.allowance.takesKey(item)) throw this.cursor.malformed('unhashable item');
      set.add(item);
    }
    this.values.length = start;
  }
}

/** Items make a list of what has been nothing yet: an object of a subclass, as pickle makes it before it fills it. */
function listOf(target: PyValue | undefined): PyValue | undefined {
  if (!(target instanceof PyInstance) || target instanceof PyClass) return target;
  target.base ??= [];
  return target.base;
}

/** Pairs make a dict of it. */
function dictOf(target: PyInstance): PyValue {
  target.base ??= new PyDict();
  return target.base;
}
