import { MalformedSession } from '../../errors.js';
import { Cursor } from '../../python/pickle/cursor.js';
import { readLiteral } from '../../python/pickle/literals.js';
import { memoIndex } from '../../python/pickle/numbers.js';
import { HIGHEST_PROTOCOL, Op } from '../../python/pickle/opcodes.js';
import { PyFloat, type PyValue } from '../../python/values.js';
import { childOf, type FoundMembers, KIND, type Kind } from './member-paths.js';
import { PickleStack, SHAPE, type Shape } from './pickle-stack.js';
import { endsEarly, goesOn, malformed, type Scanner } from './scanner.js';

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
/** What fills a container, and which: with what lies since the mark, or with what lies on top of it. */
const FILLING = new Map<number, Shape>([
  [Op.SETITEMS, SHAPE.dict],
  [Op.SETITEM, SHAPE.dict],
  [Op.APPENDS, SHAPE.list],
  [Op.APPEND, SHAPE.list],
  [Op.ADDITEMS, SHAPE.set],
]);

/** Opcodes with a text: how many bytes of the argument stand before it, a count or a quote, and behind it. */
const AROUND_TEXT = new Map<number, readonly [before: number, behind: number]>([
  [Op.UNICODE, [0, 1]],
  [Op.STRING, [1, 2]],
  ...[Op.SHORT_BINSTRING, Op.SHORT_BINUNICODE, Op.SHORT_BINBYTES].map((op) => [op, [1, 0]] as const),
  ...[Op.BINSTRING, Op.BINUNICODE, Op.BINBYTES].map((op) => [op, [4, 0]] as const),
  ...[Op.BINUNICODE8, Op.BINBYTES8, Op.BYTEARRAY8].map((op) => [op, [8, 0]] as const),
]);

/**
 * Follows a pickle from opcode to opcode to its STOP, which has to be its last byte, as CPython's machine does
 * (python/cpython Lib/pickle.py), with nothing but the shapes of values on the stack: nothing is built and nothing run,
 * so any class may be in it. What comes out has to be a dict; of its members those at the top are noted.
 */
export class PickleWalk implements Scanner {
  #bytes: Uint8Array = new Uint8Array(0);
  readonly #stack = new PickleStack();

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    this.#bytes = bytes;
    this.#stack.clear();
    const cursor = new Cursor(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), start, end);
    let place = start;
    try {
      for (let op = cursor.uint8(); op !== Op.STOP; op = cursor.uint8()) {
        this.#step(op, cursor, place, found);
        place = cursor.at;
      }
    } catch (error) {
      if (!(error instanceof MalformedSession)) throw error;
      if (error.isCutShort) endsEarly(end);
      malformed(error.reason, place);
    }
    if (cursor.at < end) goesOn(cursor.at);
    if (this.#stack.shapes[this.#stack.pop(place)] !== SHAPE.dict) malformed('a session is a dict', start);
    return bytes;
  }

  /** One opcode, which stands at `place`; the cursor is at its argument. */
  #step(op: Op, cursor: Cursor, place: number, found: FoundMembers): void {
    const literal = readLiteral(op, cursor);
    if (literal !== undefined) this.#pushLiteral(op, literal, place + 1, cursor.at);
    else if (EMPTY.has(op)) this.#stack.push(EMPTY.get(op) as Shape, KIND.hollow, place, place);
    else if (COLLECTING.has(op)) this.#collect(op, cursor, place, found);
    else if (FILLING.has(op)) this.#fill(op, place, found);
    else if (TUPLES.includes(op)) {
      for (let i = TUPLES.indexOf(op); i >= 0; i--) this.#stack.pop(place);
      this.#stack.push(SHAPE.tuple, KIND.filled, place, place);
    } else this.#stepOther(op, cursor, place);
  }

  #stepOther(op: Op, cursor: Cursor, place: number): void {
    switch (op) {
      case Op.PROTO:
        if (cursor.uint8() > HIGHEST_PROTOCOL) malformed(`a pickle of a protocol above ${HIGHEST_PROTOCOL}`, place);
        return;
      case Op.FRAME:
        cursor.frame();
        return;
      case Op.MARK:
        this.#stack.mark();
        return;
      case Op.POP:
        this.#stack.drop(place);
        return;
      case Op.POP_MARK:
        this.#stack.values.length = this.#stack.unmark(place);
        return;
      case Op.DUP:
        this.#stack.values.push(this.#stack.top(place));
        return;
      case Op.GET:
        this.#stack.get(memoIndex(cursor), place);
        return;
      case Op.BINGET:
        this.#stack.get(cursor.uint8(), place);
        return;
      case Op.LONG_BINGET:
        this.#stack.get(cursor.uint32(), place);
        return;
      case Op.PUT:
        this.#stack.put(memoIndex(cursor), place);
        return;
      case Op.BINPUT:
        this.#stack.put(cursor.uint8(), place);
        return;
      case Op.LONG_BINPUT:
        this.#stack.put(cursor.uint32(), place);
        return;
      case Op.MEMOIZE:
        this.#stack.memoize(place);
        return;
      case Op.GLOBAL:
        cursor.line();
        cursor.line();
        this.#pushClass(place);
        return;
      case Op.EXT1:
        cursor.take(1);
        this.#pushClass(place);
        return;
      case Op.EXT2:
        cursor.take(2);
        this.#pushClass(place);
        return;
      case Op.EXT4:
        cursor.take(4);
        this.#pushClass(place);
        return;
      case Op.STACK_GLOBAL:
        for (let i = 0; i < 2; i++)
          this.#stack.expect(SHAPE.text, this.#stack.pop(place), 'a class has a name that is no text', place);
        this.#pushClass(place);
        return;
      case Op.NEWOBJ_EX:
        this.#stack.expect(SHAPE.dict, this.#stack.pop(place), 'named arguments are no dict', place);
        this.#call(place);
        return;
      case Op.REDUCE:
      case Op.NEWOBJ:
        this.#call(place);
        return;
      case Op.BUILD:
        this.#stack.pop(place);
        this.#stack.expect(SHAPE.object, this.#stack.top(place), 'a state is given to what is no object', place);
        return;
      default:
        if (Op[op] === undefined) malformed('no opcode of pickle has this number', place);
        malformed('a value lives outside of the pickle', place);
    }
  }

  #pushClass(place: number): void {
    this.#stack.push(SHAPE.global, KIND.opaque, place, place);
  }

  #call(place: number): void {
    this.#stack.expect(SHAPE.tuple, this.#stack.pop(place), 'arguments are no tuple', place);
    const called = this.#stack.pop(place);
    if (this.#stack.shapes[called] !== SHAPE.object)
      this.#stack.expect(SHAPE.global, called, 'what is called is no class', place);
    this.#stack.push(SHAPE.object, KIND.opaque, place, place);
  }

  #collect(op: Op, cursor: Cursor, place: number, found: FoundMembers): void {
    if (op === Op.INST) {
      cursor.line();
      cursor.line();
    }
    const from = this.#stack.unmark(place);
    const count = this.#stack.values.length - from;
    if (op === Op.OBJ && (count === 0 || this.#stack.shapes[this.#stack.values[from] as number] !== SHAPE.global)) {
      malformed('an object has no class', place);
    }
    if (op === Op.DICT) this.#noteItems(from, from === 0, place, found);
    this.#stack.values.length = from;
    this.#stack.push(COLLECTING.get(op) as Shape, count === 0 ? KIND.hollow : KIND.filled, place, place);
  }

  #fill(op: Op, place: number, found: FoundMembers): void {
    const isOne = op === Op.SETITEM || op === Op.APPEND;
    const from = isOne ? this.#stack.values.length - (op === Op.SETITEM ? 2 : 1) : this.#stack.unmark(place);
    if (from < 1 || from - 1 < this.#stack.marked) malformed('a value is taken that is not there', place);
    const filled = this.#stack.values[from - 1] as number;
    // A class of the application's own may be filled like any container.
    if (this.#stack.shapes[filled] !== SHAPE.object)
      this.#stack.expect(FILLING.get(op) as Shape, filled, 'what is filled is no container of this kind', place);
    if (FILLING.get(op) === SHAPE.dict) this.#noteItems(from, from === 1, place, found);
    if (this.#stack.values.length > from && this.#stack.kinds[filled] === KIND.hollow)
      this.#stack.kinds[filled] = KIND.filled;
    this.#stack.values.length = from;
  }

  /** Names and values from here up to the top; those of the session itself are noted. */
  #noteItems(from: number, isSession: boolean, place: number, found: FoundMembers): void {
    if ((this.#stack.values.length - from) % 2 !== 0) malformed('a member has a name and no value', place);
    for (let i = from; i < this.#stack.values.length; i += 2) {
      const name = this.#stack.values[i] as number;
      const shape = this.#stack.shapes[name] as Shape;
      if (UNHASHABLE.includes(shape)) malformed('a dict has a key that Python does not take', place);
      if (!isSession || shape !== SHAPE.text) continue;
      found.memberStart = this.#stack.starts[name] as number;
      found.memberEnd = this.#stack.ends[name] as number;
      const value = this.#stack.values[i + 1] as number;
      const node = childOf(found.paths.root, this.#bytes, found.memberStart, found.memberEnd);
      const start = this.#stack.starts[value] as number;
      found.note(
        node,
        this.#stack.kinds[value] as Kind,
        start,
        this.#stack.ends[value] as number,
        this.#stack.numbers[value],
      );
    }
  }

  /** The value of an opcode whose argument is `bytes[at, behind)`. */
  #pushLiteral(op: Op, value: PyValue, at: number, behind: number): void {
    const around = AROUND_TEXT.get(op);
    if (around !== undefined) this.#stack.push(SHAPE.text, KIND.text, at + around[0], behind - around[1]);
    else if (value instanceof PyFloat) this.#stack.push(SHAPE.scalar, KIND.float, at, behind, value.value);
    else if (value === null) this.#stack.push(SHAPE.scalar, KIND.null, at, behind);
    else if (typeof value === 'boolean') this.#stack.push(SHAPE.scalar, value ? KIND.true : KIND.false, at, behind);
    else this.#stack.push(SHAPE.scalar, KIND.integer, at, behind, Number(value));
  }
}
