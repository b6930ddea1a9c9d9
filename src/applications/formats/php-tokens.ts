import { endsEarly, malformed } from './scanner.js';

const COLON = 0x3a;
const SEMICOLON = 0x3b;
const QUOTE = 0x22;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** More digits than any length, count or place has; php-src reads them into 64 bits. */
const MAX_DIGITS = 20;

/**
 * The parts of which PHP's serialised values are made: numbers, texts, names of classes. Every method throws
 * ContentFault.
 */
export class PhpTokens {
  position = 0;
  protected bytes: Uint8Array = new Uint8Array(0);
  protected end = 0;
  /** Of the text or key that was read last. */
  protected textStart = 0;
  protected textEnd = 0;

  protected frame(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  protected next(): number {
    if (this.position >= this.end) endsEarly(this.position);
    return this.bytes[this.position++] as number;
  }

  protected expect(byte: number, reason: string): void {
    if (this.next() !== byte) malformed(reason, this.position - 1);
  }

  /** A number without a sign, up to and with the byte behind it. */
  protected count(behind: number): number {
    const start = this.position;
    let count = 0;
    for (;;) {
      const byte = this.next();
      if (byte >= 0x30 && byte <= 0x39) {
        count = count * 10 + byte - 0x30;
        if (this.position - start > MAX_DIGITS) malformed('a number has too many digits', start);
      } else if (byte === behind && this.position > start + 1) {
        return count;
      } else {
        malformed('a number is missing or has no end', this.position - 1);
      }
    }
  }

  /** `:5:"hello"`, as texts, names of classes and cases of enums have it. */
  protected text(): void {
    this.expect(COLON, 'a : is missing');
    const length = this.count(COLON);
    this.expect(QUOTE, 'a quote is missing before a text');
    if (length > this.end - this.position) endsEarly(this.end);
    this.textStart = this.position;
    this.position += length;
    this.textEnd = this.position;
    this.expect(QUOTE, 'a text is not as long as it says');
  }

  protected className(): void {
    this.text();
    for (let at = this.textStart; at < this.textEnd; at++) {
      if (!isOfClassName(this.bytes[at] as number)) malformed('a class has a name that PHP does not know', at);
    }
  }

  /** `:11:"Suit:Hearts"` */
  protected enumCase(): void {
    this.text();
    let colons = 0;
    for (let at = this.textStart; at < this.textEnd; at++) {
      const byte = this.bytes[at] as number;
      if (byte === COLON) colons++;
      else if (!isOfClassName(byte)) malformed('an enum has a name that PHP does not know', at);
    }
    if (colons !== 1) malformed('an enum names no case', this.textStart);
  }

  /** `S:2:"a\62";`: a byte may stand as a backslash and two hex digits. */
  protected escapedText(): void {
    this.expect(COLON, 'a : is missing');
    const length = this.count(COLON);
    this.expect(QUOTE, 'a quote is missing before a text');
    this.textStart = this.position;
    for (let i = 0; i < length; i++) if (this.next() === 0x5c) this.position += 2;
    this.textEnd = this.position;
    this.expect(QUOTE, 'a text is not as long as it says');
    this.expect(SEMICOLON, 'a ; is missing behind a text');
  }

  /** `C:1:"A":5:{.....}`: bytes of the class's own making; returns how many. */
  protected custom(): number {
    this.className();
    this.expect(COLON, 'a : is missing behind the name of a class');
    const length = this.count(COLON);
    this.expect(OPEN, 'a { is missing');
    if (length > this.end - this.position) endsEarly(this.end);
    this.position += length;
    this.expect(CLOSE, 'an object is not as long as it says');
    return length;
  }
}

/** Letters, digits, _, \ and whatever is not ASCII. */
function isOfClassName(byte: number): boolean {
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
  return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f || byte === 0x5c || byte >= 0x7f;
}
