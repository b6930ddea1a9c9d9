import { childOf, type FoundMembers, KIND, type PathNode } from './member-paths.js';
import { endsEarly, goesOn, malformed, type Scanner } from './scanner.js';

/** Types that every gob knows by the same number (golang/go src/encoding/gob/type.go). */
const BOOL = 1;
const INT = 2;
const UINT = 3;
const BYTES = 5;
const STRING = 6;

/**
 * Go's gob of one `map[interface{}]interface{}`, as macaron, Gitea and beego keep sessions (go-macaron/session
 * utils.go, EncodeGob): messages with their length before them, definitions of types first, then the value. A type that
 * comes up within the value is defined there, which ends the message; the value goes on in the next. Values of such
 * types are stepped over; where they hold further types of their own, only the messages are followed.
 */
export class GobSession implements Scanner {
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  /** Of the message, and of all of them. */
  #end = 0;
  #lastEnd = 0;
  #textStart = 0;
  #valueEnd = 0;

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    this.#bytes = bytes;
    this.#position = start;
    this.#lastEnd = end;
    this.#nextMessage();
    while (this.#int() < 0) {
      this.#position = this.#end;
      this.#nextMessage();
    }
    if (this.#map(found)) {
      if (this.#position < end) goesOn(this.#position);
      return bytes;
    }
    for (;;) {
      this.#position = this.#end;
      if (this.#position === end) return bytes;
      this.#nextMessage();
    }
  }

  #nextMessage(): void {
    this.#end = this.#lastEnd;
    const length = this.#uint();
    if (length === 0) malformed('a message of gob is empty', this.#position - 1);
    if (length > this.#lastEnd - this.#position) endsEarly(this.#lastEnd);
    this.#end = this.#position + length;
  }

  #byte(): number {
    if (this.#position >= this.#end) endsEarly(this.#position);
    return this.#bytes[this.#position++] as number;
  }

  /** Below 128 the number itself; else how many bytes follow, negated, and those in big-endian order. */
  #uint(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const width = 256 - first;
    if (width > 8) malformed('a number of gob has more than eight bytes', this.#position - 1);
    let number = 0;
    for (let i = 0; i < width; i++) number = number * 256 + this.#byte();
    return number;
  }

  /** The lowest bit is the sign. */
  #int(): number {
    const bits = this.#uint();
    return bits % 2 === 0 ? bits / 2 : -Math.floor(bits / 2) - 1;
  }

  /** Whether all members were read or stepped over, up to the end of a message. */
  #map(found: FoundMembers): boolean {
    if (this.#uint() !== 0) return false;
    for (let left = this.#uint(); left > 0; left--) {
      const key = this.#interface();
      if (key < 0) return false;
      const isText = key === STRING && this.#text();
      if (isText) {
        found.memberStart = this.#textStart;
        found.memberEnd = this.#position;
      }
      const node = isText ? childOf(found.paths.root, this.#bytes, this.#textStart, this.#position) : null;
      if (this.#position > this.#valueEnd) return false;
      this.#position = this.#valueEnd;
      const type = this.#interface();
      if (type < 0) return false;
      this.#value(type, node, found);
      this.#position = this.#valueEnd;
    }
    return this.#position === this.#end;
  }

  /** Steps to the value of an interface; the number of its type, 0 for nil, -1 where it can't be followed. */
  #interface(): number {
    const name = this.#uint();
    this.#valueEnd = this.#position;
    if (name === 0) return 0;
    if (name > this.#end - this.#position) return -1;
    this.#position += name;
    let type = this.#int();
    while (type < 0) {
      this.#position = this.#end;
      this.#nextMessage();
      type = this.#int();
    }
    const length = this.#uint();
    this.#valueEnd = this.#position + length;
    if (this.#valueEnd > this.#end) return -1;
    // What is no struct has a zero before it.
    if (type <= STRING) this.#uint();
    return type;
  }

  #text(): boolean {
    const length = this.#uint();
    this.#textStart = this.#position;
    this.#position += length;
    return this.#position <= this.#valueEnd;
  }

  #value(type: number, node: PathNode | null, found: FoundMembers): void {
    if (node === null) return;
    const at = this.#position;
    if (type === STRING || type === BYTES) {
      if (this.#text()) found.note(node, KIND.text, this.#textStart, this.#position);
    } else if (type === INT || type === UINT) {
      found.note(node, KIND.integer, at, this.#valueEnd, type === INT ? this.#int() : this.#uint());
    } else if (type === BOOL) {
      found.note(node, this.#uint() === 0 ? KIND.false : KIND.true, at, this.#valueEnd);
    } else {
      found.note(node, type === 0 ? KIND.null : KIND.opaque, at, this.#valueEnd);
    }
  }
}
