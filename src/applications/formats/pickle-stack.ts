import type { Kind } from './member-paths.js';
import { malformed } from './scanner.js';

/** What a value on the stack can be used for. */
export const SHAPE = { scalar: 0, text: 1, dict: 2, list: 3, set: 4, tuple: 5, global: 6, object: 7 } as const;
export type Shape = (typeof SHAPE)[keyof typeof SHAPE];

/**
 * What `PickleWalk` knows of the values that a pickle puts on the stack and into the memo. A value is the place at
 * which it is described here. Each method takes the place of the opcode, and throws ContentFault.
 */
export class PickleStack {
  readonly shapes: Shape[] = [];
  /** Of a scalar or a text: what it is, where its bytes are, and its number. */
  readonly kinds: Kind[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly numbers: number[] = [];
  /** From the bottom to the top. */
  readonly values: number[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, number>();

  clear(): void {
    this.shapes.length = 0;
    this.values.length = 0;
    this.#marks.length = 0;
    this.#memo.clear();
  }

  push(shape: Shape, kind: Kind, start: number, end: number, number = 0): void {
    const value = this.shapes.push(shape) - 1;
    this.kinds[value] = kind;
    this.starts[value] = start;
    this.ends[value] = end;
    this.numbers[value] = number;
    this.values.push(value);
  }

  /** How many values lie below the last mark. */
  get marked(): number {
    return this.#marks.at(-1) ?? 0;
  }

  top(place: number): number {
    if (this.values.length <= this.marked) malformed('a value is taken that is not there', place);
    return this.values.at(-1) as number;
  }

  pop(place: number): number {
    const value = this.top(place);
    this.values.length--;
    return value;
  }

  mark(): void {
    this.#marks.push(this.values.length);
  }

  /** Takes the last mark away, and says how many values lie below it. */
  unmark(place: number): number {
    const mark = this.#marks.pop();
    if (mark === undefined) malformed('a mark is missing', place);
    return mark;
  }

  /** POP drops a value, or a mark that has none above it. */
  drop(place: number): void {
    if (this.#marks.at(-1) === this.values.length) this.#marks.pop();
    else this.pop(place);
  }

  get(index: number, place: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) malformed('a value is named that did not come before', place);
    this.values.push(value);
  }

  put(index: number, place: number): void {
    this.#memo.set(index, this.top(place));
  }

  /** MEMOIZE: the index is the number of those taken. */
  memoize(place: number): void {
    this.put(this.#memo.size, place);
  }

  expect(shape: Shape, value: number, reason: string, place: number): void {
    if (this.shapes[value] !== shape) malformed(reason, place);
  }
}
