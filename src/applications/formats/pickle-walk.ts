import { isUtf8 } from 'node:buffer';
import { Op } from '../../python/pickle/opcodes.js';
import { childOf, type FoundMembers, KIND, type Kind } from './member-paths.js';
import { argumentEnd, KINDS_OF_SCALARS, PickleNumbers } from './pickle-arguments.js';
import { endsEarly, goesOn, malformed, type Scanner } from './scanner.js';

/** What a value on the stack can be used for. */
const SHAPE = { scalar: 0, text: 1, dict: 2, list: 3, set: 4, tuple: 5, global: 6, object: 7 } as const;
type Shape = (typeof SHAPE)[keyof typeof SHAPE];
const UNHASHABLE: readonly Shape[] = [SHAPE.dict, SHAPE.list, SHAPE.set];

/** Opcodes that take what lies since the mark, and leave a value of this shape. */
const COLLECTING = new Map<number, Shape>([
  [Op.LIST, SHAPE.list],
  [Op.TUPLE, SHAPE.tuple],
  [Op.DICT, SHAPE.dict],
  [Op.FROZENSET, SHAPE.object],
  [Op.INST, SHAPE.object],
  [Op.OBJ, SHAPE.object],
]);
const EMPTY = new Map<number, Shape>([
  [Op.EMPTY_DICT, SHAPE.dict],
  [Op.EMPTY_LIST, SHAPE.list],
  [Op.EMPTY_SET, SHAPE.set],
  [Op.EMPTY_TUPLE, SHAPE.tuple],
]);
const TUPLES: readonly number[] = [Op.TUPLE1, Op.TUPLE2, Op.TUPLE3];
const EXTENSIONS: readonly number[] = [Op.EXT1, Op.EXT2, Op.EXT4];
/** What fills a container, and which: with what lies since the mark, or with what lies on top of it. */
const FILLING = new Map<number, Shape>([
  [Op.SETITEMS, SHAPE.dict],
  [Op.SETITEM, SHAPE.dict],
  [Op.APPENDS, SHAPE.list],
  [Op.APPEND, SHAPE.list],
  [Op.ADDITEMS, SHAPE.set],
]);

/**
 * Follows a pickle from opcode to opcode to its STOP, which has to be its last byte, as CPython's machine does
 * (python/cpython Lib/pickle.py), with nothing but the shapes of values on the stack: nothing is built and nothing run,
 * so any class may be in it. What comes out has to be a dict; of its members those at the top are noted.
 */
export class PickleWalk implements Scanner {
  #bytes: Uint8Array = new Uint8Array(0);
  /** By value, in the order in which they came up: its shape, and what it holds where it is a scalar or a text. */
  readonly #shapes: Shape[] = [];
  readonly #kinds: Kind[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #values: number[] = [];
  readonly #stack: number[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, number>();
  readonly #numbers = new PickleNumbers();

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    this.#bytes = bytes;
    this.#shapes.length = 0;
    this.#stack.length = 0;
    this.#marks.length = 0;
    this.#memo.clear();
    let at = start;
    while (at < end) {
      const place = at;
      const op = bytes[at++] as number;
      if (op === Op.STOP) {
        if (at < end) goesOn(at);
        if (this.#shapes[this.#pop(place)] !== SHAPE.dict) malformed('a session is a dict', start);
        return bytes;
      }
      const behind = argumentEnd(op, bytes, at, end);
      this.#step(op, at, behind, place, found);
      at = behind;
    }
    endsEarly(end);
  }

  /** One opcode, whose argument is `bytes[at, behind)`. */
  #step(op: number, at: number, behind: number, place: number, found: FoundMembers): void {
    const scalar = KINDS_OF_SCALARS.get(op);
    if (scalar !== undefined) this.#pushScalar(op, scalar, at, behind);
    else if (EMPTY.has(op)) this.#push(EMPTY.get(op) as Shape, KIND.hollow, at, at);
    else if (COLLECTING.has(op)) this.#collect(op, place, found);
    else if (FILLING.has(op)) this.#fill(op, place, found);
    else if (TUPLES.includes(op)) {
      for (let i = TUPLES.indexOf(op); i >= 0; i--) this.#pop(place);
      this.#push(SHAPE.tuple, KIND.filled, place, place);
    } else if (EXTENSIONS.includes(op) || op === Op.GLOBAL) this.#push(SHAPE.global, KIND.opaque, place, place);
    else this.#stepOther(op, at, behind, place);
  }

  #stepOther(op: number, at: number, behind: number, place: number): void {
    switch (op) {
      case Op.PROTO:
        if ((this.#bytes[at] as number) > 5) malformed('a pickle of a protocol above 5', at);
        return;
      case Op.FRAME:
        return;
      case Op.MARK:
        this.#marks.push(this.#stack.length);
        return;
      case Op.POP:
        if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
        else this.#pop(place);
        return;
      case Op.POP_MARK:
        this.#stack.length = this.#mark(place);
        return;
      case Op.DUP:
        this.#stack.push(this.#top(place));
        return;
      case Op.GET:
      case Op.BINGET:
      case Op.LONG_BINGET: {
        const value = this.#memo.get(this.#numbers.place(op, this.#bytes, at, behind));
        if (value === undefined) malformed('a value is named that did not come before', place);
        this.#stack.push(value);
        return;
      }
      case Op.PUT:
      case Op.BINPUT:
      case Op.LONG_BINPUT:
        this.#memo.set(this.#numbers.place(op, this.#bytes, at, behind), this.#top(place));
        return;
      case Op.MEMOIZE:
        this.#memo.set(this.#memo.size, this.#top(place));
        return;
      case Op.STACK_GLOBAL:
        for (let i = 0; i < 2; i++)
          this.#expect(SHAPE.text, this.#pop(place), 'a class has a name that is no text', place);
        this.#push(SHAPE.global, KIND.opaque, place, place);
        return;
      case Op.NEWOBJ_EX:
        this.#expect(SHAPE.dict, this.#pop(place), 'named arguments are no dict', place);
        this.#call(place);
        return;
      case Op.REDUCE:
      case Op.NEWOBJ:
        this.#call(place);
        return;
      case Op.BUILD:
        this.#pop(place);
        this.#expect(SHAPE.object, this.#top(place), 'a state is given to what is no object', place);
        return;
      default:
        malformed('a value lives outside of the pickle', place);
    }
  }

  #call(place: number): void {
    this.#expect(SHAPE.tuple, this.#pop(place), 'arguments are no tuple', place);
    const called = this.#pop(place);
    if (this.#shapes[called] !== SHAPE.object) this.#expect(SHAPE.global, called, 'what is called is no class', place);
    this.#push(SHAPE.object, KIND.opaque, place, place);
  }

  #collect(op: number, place: number, found: FoundMembers): void {
    const from = this.#mark(place);
    const count = this.#stack.length - from;
    if (op === Op.OBJ && (count === 0 || this.#shapes[this.#stack[from] as number] !== SHAPE.global)) {
      malformed('an object has no class', place);
    }
    if (op === Op.DICT) this.#noteItems(from, from === 0, place, found);
    this.#stack.length = from;
    this.#push(COLLECTING.get(op) as Shape, count === 0 ? KIND.hollow : KIND.filled, place, place);
  }

  #fill(op: number, place: number, found: FoundMembers): void {
    const isOne = op === Op.SETITEM || op === Op.APPEND;
    const from = isOne ? this.#stack.length - (op === Op.SETITEM ? 2 : 1) : this.#mark(place);
    if (from < 1 || from - 1 < (this.#marks.at(-1) ?? 0)) malformed('a value is taken that is not there', place);
    const filled = this.#stack[from - 1] as number;
    // A class of the application's own may be filled like any container.
    if (this.#shapes[filled] !== SHAPE.object)
      this.#expect(FILLING.get(op) as Shape, filled, 'what is filled is no container of this kind', place);
    if (FILLING.get(op) === SHAPE.dict) this.#noteItems(from, from === 1, place, found);
    if (this.#stack.length > from && this.#kinds[filled] === KIND.hollow) this.#kinds[filled] = KIND.filled;
    this.#stack.length = from;
  }

  /** Names and values from here up to the top; those of the session itself are noted. */
  #noteItems(from: number, isSession: boolean, place: number, found: FoundMembers): void {
    if ((this.#stack.length - from) % 2 !== 0) malformed('a member has a name and no value', place);
    for (let i = from; i < this.#stack.length; i += 2) {
      const name = this.#stack[i] as number;
      const shape = this.#shapes[name] as Shape;
      if (UNHASHABLE.includes(shape)) malformed('a dict has a key that Python does not take', place);
      if (!isSession || shape !== SHAPE.text) continue;
      found.memberStart = this.#starts[name] as number;
      found.memberEnd = this.#ends[name] as number;
      const value = this.#stack[i + 1] as number;
      const node = childOf(found.paths.root, this.#bytes, found.memberStart, found.memberEnd);
      const start = this.#starts[value] as number;
      found.note(node, this.#kinds[value] as Kind, start, this.#ends[value] as number, this.#values[value]);
    }
  }

  #pushScalar(op: number, kind: Kind, at: number, behind: number): void {
    const numbers = this.#numbers;
    numbers.read(op, this.#bytes, at, behind);
    if (kind !== KIND.text) {
      this.#push(SHAPE.scalar, numbers.kind ?? kind, at, behind, numbers.value);
      return;
    }
    const { start, end } = numbers;
    const isUnicode = op === Op.BINUNICODE || op === Op.SHORT_BINUNICODE || op === Op.BINUNICODE8;
    const text = this.#bytes.subarray(start, end);
    // Halves of surrogate pairs, which start with 0xed, are let through.
    if (isUnicode && !isUtf8(text) && !text.includes(0xed)) malformed('a text is not valid UTF-8', start);
    this.#push(SHAPE.text, KIND.text, start, end);
  }

  #push(shape: Shape, kind: Kind, start: number, end: number, value = 0): void {
    const index = this.#shapes.push(shape) - 1;
    this.#kinds[index] = kind;
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#values[index] = value;
    this.#stack.push(index);
  }

  #top(place: number): number {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) malformed('a value is taken that is not there', place);
    return this.#stack.at(-1) as number;
  }

  #pop(place: number): number {
    const value = this.#top(place);
    this.#stack.length--;
    return value;
  }

  #mark(place: number): number {
    const mark = this.#marks.pop();
    if (mark === undefined) malformed('a mark is missing', place);
    return mark;
  }

  #expect(shape: Shape, value: number, reason: string, place: number): void {
    if (this.#shapes[value] !== shape) malformed(reason, place);
  }
}
