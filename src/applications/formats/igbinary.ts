import { childOf, type FoundMembers, KIND, type PathNode } from './member-paths.js';
import { endsEarly, goesOn, MAX_DEPTH, malformed, type Scanner } from './scanner.js';

const HEADER_BYTES = 4;

/** Bytes of the number behind a type, by its last two bits in most families. */
const WIDTHS = [1, 2, 4] as const;

/**
 * PHP's igbinary, versions 1 and 2 of its format (igbinary/igbinary src/php7/igbinary.c, igbinary.h): a type byte, a
 * number in big-endian order, content. Texts that come again are named by their place among all texts, arrays and
 * objects by theirs.
 */
export class IgbinarySession implements Scanner {
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #end = 0;
  #depth = 0;
  #references = 0;
  readonly #left = new Int32Array(MAX_DEPTH);
  readonly #nodes: (PathNode | null)[] = [];
  /** Where each text of the document stands. */
  #texts = 0;
  #textStarts = new Int32Array(256);
  #textEnds = new Int32Array(256);
  /** Of the text that was read last. */
  #start = 0;
  #stop = 0;

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
    this.#depth = 0;
    this.#references = 0;
    this.#texts = 0;
    const version = this.#number(HEADER_BYTES);
    if (version !== 1 && version !== 2) malformed('igbinary starts with version 1 or 2', start);
    const type = this.#byte();
    if (type < 0x14 || type > 0x16) malformed('a session is an array of igbinary', this.#position - 1);
    this.#open(type - 0x14, found.paths.root, found);
    while (this.#depth > 0) {
      const top = this.#depth - 1;
      const left = this.#left[top] as number;
      if (left === 0) {
        this.#depth--;
        continue;
      }
      this.#left[top] = left - 1;
      const isText = this.#key();
      if (top === 0) {
        found.memberStart = this.#start;
        found.memberEnd = this.#stop;
      }
      const node = this.#nodes[top] as PathNode | null;
      this.#value(isText ? childOf(node, bytes, this.#start, this.#stop) : null, found);
    }
    if (this.#position < end) goesOn(this.#position);
    return bytes;
  }

  #byte(): number {
    if (this.#position >= this.#end) endsEarly(this.#position);
    return this.#bytes[this.#position++] as number;
  }

  #number(width: number): number {
    let number = 0;
    for (let i = 0; i < width; i++) number = number * 256 + this.#byte();
    return number;
  }

  #skip(length: number): void {
    if (length > this.#end - this.#position) endsEarly(this.#end);
    this.#start = this.#position;
    this.#position += length;
    this.#stop = this.#position;
  }

  #open(width: number, node: PathNode | null, found: FoundMembers): void {
    const at = this.#position;
    const count = this.#number(WIDTHS[width] as number);
    // A member takes two bytes at least.
    if (count * 2 > this.#end - this.#position) endsEarly(this.#end);
    if (this.#depth === MAX_DEPTH) malformed(`nested deeper than ${MAX_DEPTH} levels`, at);
    this.#references++;
    found.note(node, count === 0 ? KIND.hollow : KIND.filled, at, this.#position);
    this.#left[this.#depth] = count;
    this.#nodes[this.#depth++] = node;
  }

  /** A new text, which gets the next place. */
  #newText(length: number): void {
    this.#skip(length);
    if (this.#texts === this.#textStarts.length) this.#growTexts();
    this.#textStarts[this.#texts] = this.#start;
    this.#textEnds[this.#texts++] = this.#stop;
  }

  #growTexts(): void {
    const starts = new Int32Array(this.#texts * 2);
    const ends = new Int32Array(this.#texts * 2);
    starts.set(this.#textStarts);
    ends.set(this.#textEnds);
    this.#textStarts = starts;
    this.#textEnds = ends;
  }

  #knownText(width: number): void {
    const at = this.#position;
    const place = this.#number(WIDTHS[width] as number);
    if (place >= this.#texts) malformed('a text is named that did not come before', at);
    this.#start = this.#textStarts[place] as number;
    this.#stop = this.#textEnds[place] as number;
  }

  /** Whether a text of this type was read. */
  #text(type: number): boolean {
    if (type === 0x0d) this.#skip(0);
    else if (type >= 0x0e && type <= 0x10) this.#knownText(type - 0x0e);
    else if (type >= 0x11 && type <= 0x13) this.#newText(this.#number(WIDTHS[type - 0x11] as number));
    else if (type === 0x26) this.#newText(this.#number(8));
    else return false;
    return true;
  }

  /** Bytes of the integer behind this type, negated where it is negative; 0 for any other type. */
  #integerWidth(type: number): number {
    if (type >= 0x06 && type <= 0x0b) return (1 << ((type - 0x06) >> 1)) * (type % 2 === 0 ? 1 : -1);
    return type === 0x20 ? 8 : type === 0x21 ? -8 : 0;
  }

  /** Whether the key is a text. */
  #key(): boolean {
    const type = this.#byte();
    if (this.#text(type)) return this.#unmangle();
    const width = this.#integerWidth(type);
    if (width === 0) malformed('a key is neither a number nor a text', this.#position - 1);
    this.#skip(Math.abs(width));
    return false;
  }

  #unmangle(): true {
    if (this.#bytes[this.#start] === 0 && this.#stop > this.#start) {
      const second = this.#bytes.subarray(this.#start, this.#stop).indexOf(0, 1);
      if (second > 0) this.#start += second + 1;
    }
    return true;
  }

  #value(node: PathNode | null, found: FoundMembers): void {
    let type = this.#byte();
    if (type === 0x25) {
      // A value that several variables share; what follows may be one that came before.
      type = this.#byte();
      if (type < 0x14 || type > 0x1c) this.#references++;
    }
    const at = this.#position;
    const width = this.#integerWidth(type);
    if (width !== 0) {
      const size = this.#number(Math.abs(width));
      found.note(node, KIND.integer, at, this.#position, width < 0 ? -size : size);
      return;
    }
    if (this.#text(type)) {
      found.note(node, KIND.text, this.#start, this.#stop);
      return;
    }
    if (type === 0x00) {
      found.note(node, KIND.null, at, at);
      return;
    }
    if (type === 0x04 || type === 0x05) {
      found.note(node, type === 0x05 ? KIND.true : KIND.false, at, at);
      return;
    }
    if (type === 0x0c) {
      this.#skip(8);
      const bytes = this.#bytes;
      const float = new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0);
      found.note(node, KIND.float, at, this.#position, float);
      return;
    }
    if (type >= 0x14 && type <= 0x16) {
      this.#open(type - 0x14, node, found);
      return;
    }
    if (type >= 0x17 && type <= 0x1c) {
      this.#object(type, node, found);
      return;
    }
    if ((type >= 0x01 && type <= 0x03) || (type >= 0x22 && type <= 0x24)) {
      const place = this.#number(WIDTHS[type < 0x22 ? type - 0x01 : type - 0x22] as number);
      if (place >= this.#references) malformed('a reference leads to no value before it', at);
      found.note(node, KIND.opaque, at, this.#position);
      return;
    }
    malformed('no value of igbinary starts like this', at - 1);
  }

  /** The class by its name or its place, then its properties, bytes of its own making, or the case of an enum. */
  #object(type: number, node: PathNode | null, found: FoundMembers): void {
    if (type <= 0x19) this.#newText(this.#number(WIDTHS[type - 0x17] as number));
    else this.#knownText(type - 0x1a);
    const inner = this.#byte();
    const at = this.#position;
    if (inner >= 0x14 && inner <= 0x16) {
      this.#open(inner - 0x14, node, found);
      return;
    }
    this.#references++;
    if (inner >= 0x1d && inner <= 0x1f) {
      this.#skip(this.#number(WIDTHS[inner - 0x1d] as number));
      found.note(node, KIND.opaque, at, this.#position);
      return;
    }
    if (inner === 0x27 && this.#text(this.#byte())) {
      found.note(node, KIND.text, this.#start, this.#stop);
      return;
    }
    malformed('an object has no properties', at - 1);
  }
}
