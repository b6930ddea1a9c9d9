import { endsEarly, malformed } from './scanner.js';

/** The number of a letter. */
export const code = (letter: string) => letter.charCodeAt(0);
export const [VARIABLES, SYMBOL] = [code('I'), code(':')] as const;
const SYMBOL_LINK = code(';');

/**
 * The parts of which documents of Ruby's Marshal are made: numbers, texts, symbols (ruby/ruby marshal.c,
 * doc/marshal.rdoc). Every method throws ContentFault.
 */
export class MarshalTokens {
  position = 0;
  /** Of the text or symbol that was read last. */
  start = 0;
  stop = 0;
  protected bytes: Uint8Array = new Uint8Array(0);
  protected end = 0;
  readonly #symbolStarts: number[] = [];
  readonly #symbolEnds: number[] = [];

  protected frame(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.#symbolStarts.length = 0;
    this.#symbolEnds.length = 0;
  }

  byte(): number {
    if (this.position >= this.end) endsEarly(this.position);
    return this.bytes[this.position++] as number;
  }

  /** A length or count: one byte for small ones, else how many bytes follow, in little-endian order. */
  length(): number {
    const at = this.position;
    const length = this.integer();
    if (length < 0) malformed('a length is below zero', at);
    return length;
  }

  protected integer(): number {
    const first = (this.byte() << 24) >> 24;
    if (first === 0) return 0;
    if (first > 4) return first - 5;
    if (first < -4) return first + 5;
    let number = 0;
    for (let i = 0; i < Math.abs(first); i++) number += this.byte() * 256 ** i;
    return first > 0 ? number : number - 256 ** -first;
  }

  /** A length and as many bytes. */
  text(): void {
    const length = this.length();
    if (length > this.end - this.position) endsEarly(this.end);
    this.start = this.position;
    this.position += length;
    this.stop = this.position;
  }

  /** A symbol, new or known, as names of classes and variables are. */
  symbol(): void {
    const at = this.position;
    const type = this.byte();
    if (type === VARIABLES) {
      if (this.byte() !== SYMBOL) malformed('a symbol is missing', at);
      this.newSymbol();
      const { start, stop } = this;
      // Its encoding.
      for (let left = this.length(); left > 0; left--) {
        this.symbol();
        if (this.byte() === code('"')) this.text();
      }
      this.start = start;
      this.stop = stop;
    } else if (type === SYMBOL) this.newSymbol();
    else if (type === SYMBOL_LINK) this.knownSymbol();
    else malformed('a symbol is missing', at);
  }

  protected newSymbol(): void {
    this.text();
    this.#symbolStarts.push(this.start);
    this.#symbolEnds.push(this.stop);
  }

  protected knownSymbol(): void {
    const at = this.position;
    const place = this.length();
    if (place >= this.#symbolStarts.length) malformed('a symbol is named that did not come before', at);
    this.start = this.#symbolStarts[place] as number;
    this.stop = this.#symbolEnds[place] as number;
  }
}
