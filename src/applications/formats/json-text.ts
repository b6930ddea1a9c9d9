import { isUtf8 } from 'node:buffer';
import { childOf, type FoundMembers, KIND, type PathNode } from './member-paths.js';
import { endsEarly, goesOn, MAX_DEPTH, malformed, type Scanner } from './scanner.js';

const QUOTE = 0x22;
/** Letters behind a backslash, all but u. */
const ESCAPES = Buffer.from('"\\/bfnrt');
/** A watched number of more characters counts as what these say. */
const LONGEST_NUMBER = 400;

/**
 * JSON as PHP's json_decode and JavaScript's JSON.parse take it (RFC 8259), an object or an array. Names of members are
 * compared as they are written, so one that holds an escape is none of the watched ones.
 */
export class JsonSession implements Scanner {
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #end = 0;
  #depth = 0;
  #isWide = false;
  readonly #isObject = new Uint8Array(MAX_DEPTH);
  readonly #nodes: (PathNode | null)[] = [];

  /** @param takesPythonNumbers whether NaN and Infinity are values, as Python's json module writes and reads them */
  constructor(readonly takesPythonNumbers = false) {}

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
    this.#depth = 0;
    this.#isWide = false;
    const first = this.#peek();
    if (first !== 0x7b && first !== 0x5b)
      malformed('a session is a JSON object, and this does not start with {', start);
    this.#value(found.paths.root, found);
    while (this.#depth > 0) this.#member(found);
    this.#skipSpace();
    if (this.#position < end) goesOn(this.#position);
    if (this.#isWide && !isUtf8(bytes.subarray(start, end))) malformed('the text is not valid UTF-8', start);
    return bytes;
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    for (; this.#position < this.#end; this.#position++) {
      const byte = bytes[this.#position];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    }
  }

  /** The next byte that is not white space, which stays. */
  #peek(): number {
    this.#skipSpace();
    if (this.#position >= this.#end) endsEarly(this.#end);
    return this.#bytes[this.#position] as number;
  }

  /** What stands in the innermost object or array at the place of a member: one of them, or its end. */
  #member(found: FoundMembers): void {
    const top = this.#depth - 1;
    const isObject = this.#isObject[top] as number;
    const isFirst = (isObject & 2) !== 0;
    this.#isObject[top] = isObject & 1;
    let next = this.#peek();
    if (next === (isObject & 1 ? 0x7d : 0x5d)) {
      this.#position++;
      this.#depth--;
      return;
    }
    if (!isFirst) {
      if (next !== 0x2c) malformed('a comma is missing between two members', this.#position);
      this.#position++;
      next = this.#peek();
    }
    let node: PathNode | null = null;
    if (isObject & 1) {
      if (next !== QUOTE) malformed('a name in double quotes is missing', this.#position);
      const start = this.#position + 1;
      this.#string();
      node = childOf(this.#nodes[top] as PathNode | null, this.#bytes, start, this.#position - 1);
      if (top === 0) {
        found.memberStart = start;
        found.memberEnd = this.#position - 1;
      }
      if (this.#peek() !== 0x3a) malformed('a colon is missing behind a name', this.#position);
      this.#position++;
    }
    this.#value(node, found);
  }

  #value(node: PathNode | null, found: FoundMembers): void {
    const first = this.#peek();
    const at = this.#position;
    switch (first) {
      case QUOTE:
        this.#string();
        found.note(node, KIND.text, at + 1, this.#position - 1);
        return;
      case 0x7b:
      case 0x5b:
        if (this.#depth === MAX_DEPTH) malformed(`nested deeper than ${MAX_DEPTH} levels`, at);
        this.#position++;
        this.#isObject[this.#depth] = first === 0x7b ? 3 : 2;
        this.#nodes[this.#depth++] = node;
        found.note(node, this.#peek() === first + 2 ? KIND.hollow : KIND.filled, at, this.#position);
        return;
      case 0x74:
        this.#word('true');
        found.note(node, KIND.true, at, this.#position);
        return;
      case 0x66:
        this.#word('false');
        found.note(node, KIND.false, at, this.#position);
        return;
      case 0x6e:
        this.#word('null');
        found.note(node, KIND.null, at, this.#position);
        return;
      default:
        if (this.takesPythonNumbers && this.#pythonNumber()) {
          found.note(node, KIND.opaque, at, this.#position);
          return;
        }
        this.#number(node, found);
        return;
    }
  }

  /** Whether NaN, Infinity or -Infinity was read. */
  #pythonNumber(): boolean {
    const isNegative = this.#bytes[this.#position] === 0x2d;
    const letter = this.#bytes[this.#position + (isNegative ? 1 : 0)];
    if (letter !== 0x49 && (letter !== 0x4e || isNegative)) return false;
    this.#word(isNegative ? '-Infinity' : letter === 0x49 ? 'Infinity' : 'NaN');
    return true;
  }

  #word(word: string): void {
    for (let i = 0; i < word.length; i++) {
      if (this.#position >= this.#end) endsEarly(this.#end);
      if (this.#bytes[this.#position] !== word.charCodeAt(i)) malformed('a value is missing', this.#position);
      this.#position++;
    }
  }

  #number(node: PathNode | null, found: FoundMembers): void {
    const bytes = this.#bytes;
    const start = this.#position;
    let isFloat = false;
    if (bytes[start] === 0x2d) this.#position++;
    if (this.#position < this.#end && bytes[this.#position] === 0x30) this.#position++;
    else this.#digits('a value is missing');
    if (this.#position < this.#end && bytes[this.#position] === 0x2e) {
      isFloat = true;
      this.#position++;
      this.#digits('a digit is missing behind a decimal point');
    }
    if (this.#position < this.#end && ((bytes[this.#position] as number) | 0x20) === 0x65) {
      isFloat = true;
      this.#position++;
      const sign = bytes[this.#position];
      if (sign === 0x2b || sign === 0x2d) this.#position++;
      this.#digits('a digit is missing in an exponent');
    }
    // A number at the very end could go on.
    if (this.#position >= this.#end) endsEarly(this.#end);
    if (node === null) return;
    const length = Math.min(this.#position - start, LONGEST_NUMBER);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1');
    found.note(node, isFloat ? KIND.float : KIND.integer, start, this.#position, Number(text));
  }

  #digits(reason: string): void {
    const start = this.#position;
    let at = start;
    while (at < this.#end && isDigit(this.#bytes[at] as number)) at++;
    this.#position = at;
    if (at >= this.#end) endsEarly(this.#end);
    if (at === start) malformed(reason, at);
  }

  /** From the opening quote to behind the closing one. */
  #string(): void {
    const bytes = this.#bytes;
    let at = this.#position + 1;
    for (; at < this.#end; at++) {
      const byte = bytes[at] as number;
      if (byte === QUOTE) {
        this.#position = at + 1;
        return;
      }
      if (byte > 0x7f) this.#isWide = true;
      else if (byte < 0x20) malformed('a control character stands unescaped in a text', at);
      else if (byte === 0x5c) at = this.#escape(at + 1);
    }
    endsEarly(this.#end);
  }

  /** Checks the escape whose letter is at `at`; returns the place of its last byte. */
  #escape(at: number): number {
    if (at >= this.#end) endsEarly(this.#end);
    const letter = this.#bytes[at] as number;
    if (letter !== 0x75) {
      if (!ESCAPES.includes(letter)) malformed('an unknown escape stands in a text', at);
      return at;
    }
    for (let i = 1; i <= 4; i++) {
      if (at + i >= this.#end) endsEarly(this.#end);
      if (!isHexDigit(this.#bytes[at + i] as number)) malformed('an escape has fewer than four hex digits', at + i);
    }
    return at + 4;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
