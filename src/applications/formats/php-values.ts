import { childOf, type FoundMembers, KIND, type PathNode } from './member-paths.js';
import { PhpTokens } from './php-tokens.js';
import { endsEarly, MAX_DEPTH, malformed } from './scanner.js';

const COLON = 0x3a;
const SEMICOLON = 0x3b;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** `d:` as php-src writes and reads it: digits, a fraction, an exponent, or one of the words. */
const FLOAT = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NAN)$/;
const LONGEST_FLOAT = 512;

/**
 * Reads PHP's serialised values one after another, without recursion (php/php-src ext/standard/var_unserializer.re).
 * The values of one session count as one document: `R:` and `r:` name an earlier value by its place in it.
 */
export class PhpValues extends PhpTokens {
  /** Values that a reference may name so far: all but `R:` and keys. */
  #places = 0;
  readonly #left = new Int32Array(MAX_DEPTH);
  readonly #nodes: (PathNode | null)[] = [];
  #depth = 0;

  begin(bytes: Uint8Array, start: number, end: number): void {
    this.frame(bytes, start, end);
    this.#places = 0;
  }

  /**
   * Reads one value at `position`.
   * @param node watches it
   * @param isRoot whether its members are the session's own
   * @throws {ContentFault}
   */
  read(node: PathNode | null, found: FoundMembers, isRoot: boolean): void {
    this.#depth = 0;
    this.#value(node, found);
    while (this.#depth > 0) {
      const top = this.#depth - 1;
      const left = this.#left[top] as number;
      if (left === 0) {
        this.expect(CLOSE, 'a } is missing behind the last member');
        this.#depth--;
        continue;
      }
      this.#left[top] = left - 1;
      this.#key();
      if (isRoot && top === 0) {
        found.memberStart = this.textStart;
        found.memberEnd = this.textEnd;
      }
      this.#value(childOf(this.#nodes[top] as PathNode | null, this.bytes, this.textStart, this.textEnd), found);
    }
  }

  /** A scalar is read whole; of anything with members only the beginning, and its members come next. */
  #value(node: PathNode | null, found: FoundMembers): void {
    const at = this.position;
    const type = this.next();
    if (type !== 0x52) this.#places++; // all but R
    switch (type) {
      case 0x4e: // N
        this.expect(SEMICOLON, 'a ; is missing behind N');
        found.note(node, KIND.null, at, this.position);
        return;
      case 0x62: // b
        this.#boolean(node, found);
        return;
      case 0x69: // i
        this.expect(COLON, 'a : is missing');
        this.#integer(node, found);
        return;
      case 0x64: // d
        this.#float(node, found);
        return;
      case 0x73: // s
        this.text();
        this.expect(SEMICOLON, 'a ; is missing behind a text');
        found.note(node, KIND.text, this.textStart, this.textEnd);
        return;
      case 0x53: // S
        this.escapedText();
        found.note(node, KIND.text, this.textStart, this.textEnd);
        return;
      case 0x61: // a
        this.expect(COLON, 'a : is missing');
        this.#open(node, found);
        return;
      case 0x4f: // O
        this.className();
        this.expect(COLON, 'a : is missing behind the name of a class');
        this.#open(node, found);
        return;
      case 0x43: // C
        // Its content may hold values of the same document, which references may name.
        this.#places += this.custom();
        found.note(node, KIND.opaque, at, this.position);
        return;
      case 0x45: // E
        this.enumCase();
        this.expect(SEMICOLON, 'a ; is missing behind an enum');
        found.note(node, KIND.text, this.textStart, this.textEnd);
        return;
      case 0x52: // R
      case 0x72: // r
        this.#reference(at);
        found.note(node, KIND.opaque, at, this.position);
        return;
      default:
        malformed('no value of PHP starts like this', at);
    }
  }

  #boolean(node: PathNode | null, found: FoundMembers): void {
    this.expect(COLON, 'a : is missing');
    const digit = this.next();
    if (digit !== 0x30 && digit !== 0x31) malformed('a boolean is neither 0 nor 1', this.position - 1);
    this.expect(SEMICOLON, 'a ; is missing behind a boolean');
    found.note(node, digit === 0x31 ? KIND.true : KIND.false, this.position - 2, this.position - 1);
  }

  #integer(node: PathNode | null, found: FoundMembers): void {
    const start = this.position;
    const first = this.bytes[start];
    if (first === 0x2d || first === 0x2b) this.position++;
    const size = this.count(SEMICOLON);
    this.textStart = start;
    this.textEnd = this.position - 1;
    found.note(node, KIND.integer, start, this.position - 1, first === 0x2d ? -size : size);
  }

  #float(node: PathNode | null, found: FoundMembers): void {
    this.expect(COLON, 'a : is missing');
    const start = this.position;
    while (this.next() !== SEMICOLON) {
      if (this.position - start > LONGEST_FLOAT) malformed('a float has no end', start);
    }
    const bytes = this.bytes;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, this.position - 1 - start).toString('latin1');
    if (!FLOAT.test(text)) malformed('a float is no number', start);
    found.note(node, KIND.float, start, this.position - 1, Number(text));
  }

  #key(): void {
    const type = this.next();
    if (type === 0x69) {
      this.expect(COLON, 'a : is missing');
      const start = this.position;
      const sign = this.bytes[start];
      if (sign === 0x2d || sign === 0x2b) this.position++;
      this.count(SEMICOLON);
      this.textStart = start;
      this.textEnd = this.position - 1;
    } else if (type === 0x73) {
      this.text();
      this.expect(SEMICOLON, 'a ; is missing behind a key');
      this.#unmangle();
    } else if (type === 0x53) {
      this.escapedText();
    } else {
      malformed('a key is neither a number nor a text', this.position - 1);
    }
  }

  /** A private or protected property has its class or a star between two NULs before its name. */
  #unmangle(): void {
    if (this.bytes[this.textStart] !== 0 || this.textEnd === this.textStart) return;
    const second = this.bytes.subarray(this.textStart, this.textEnd).indexOf(0, 1);
    if (second > 0) this.textStart += second + 1;
  }

  #open(node: PathNode | null, found: FoundMembers): void {
    const at = this.position;
    const count = this.count(COLON);
    this.expect(OPEN, 'a { is missing');
    // The shortest member takes six bytes, i:0;N; and php-src, too, refuses more members than bytes.
    if (count > this.end - this.position) endsEarly(this.end);
    if (this.#depth === MAX_DEPTH) malformed(`nested deeper than ${MAX_DEPTH} levels`, at);
    found.note(node, count === 0 ? KIND.hollow : KIND.filled, at, this.position);
    this.#left[this.#depth] = count;
    this.#nodes[this.#depth++] = node;
  }

  #reference(at: number): void {
    this.expect(COLON, 'a : is missing');
    const place = this.count(SEMICOLON);
    if (place < 1 || place > this.#places) malformed('a reference leads to no value before it', at);
  }
}
