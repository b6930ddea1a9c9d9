import { isUtf8 } from 'node:buffer';
import { MalformedSession } from '../../errors.js';
import { firstInvalidUtf8 } from '../../python/text.js';
import type { SessionFacts } from '../../session.js';
import { JsonFactKeys } from './json-facts.js';

/**
 * Levels of nesting that are accepted. CPython's decoder gives up at its recursion limit, near 1000 less what Odoo's
 * own call stack takes; a session nests some ten levels.
 */
const MAX_DEPTH = 500;

/** CPython >= 3.10.7 refuses to read longer integers (sys.int_info.default_max_str_digits), so Odoo does too. */
const MAX_INTEGER_DIGITS = 4300;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Checks that bytes are a JSON object as Python's `json.load` takes it (Lib/json/decoder.py, strict mode), and picks
 * up the facts of its top level on the way. Builds no values, so nothing is lost: what passes may be copied byte for
 * byte. Differs from ECMAScript's JSON where Python does: NaN, Infinity and -Infinity are numbers.
 */
export class JsonScanner {
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #end = 0;
  /** Whether the string scanned last holds an escape, so that its bytes are not its text. */
  #isEscaped = false;
  readonly #keys = new JsonFactKeys();

  /**
   * Fills `facts` from `bytes[start, end)`.
   * @throws {MalformedSession} naming the byte that can't be read
   */
  scan(bytes: Uint8Array, start: number, end: number, facts: SessionFacts): void {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
    facts.format = 'json';
    this.#keys.begin();

    this.#skipSpace();
    if (this.#peek() !== 0x7b) this.#fail('a session is a JSON object, and this does not start with {');
    const hasWideText = this.#object(0, facts);
    this.#skipSpace();
    if (this.#position < end) this.#fail('there is text after the end of the object');
    if (hasWideText && !isUtf8(bytes.subarray(start, end))) {
      throw new MalformedSession('the text is not valid UTF-8', firstInvalidUtf8(bytes, start, end));
    }
    this.#bytes = bytes.subarray(0, 0);
  }

  #peek(): number {
    return this.#position < this.#end ? (this.#bytes[this.#position] as number) : -1;
  }

  #fail(reason: string): never {
    throw new MalformedSession(this.#position >= this.#end ? 'the text ends in the middle' : reason, this.#position);
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    let position = this.#position;
    for (; position < this.#end; position++) {
      const byte = bytes[position];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    }
    this.#position = position;
  }

  /** Each value method returns whether it met a byte above 0x7f. `facts` is given for the top level only. */
  #object(depth: number, facts: SessionFacts | null): boolean {
    if (depth > MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
    let isWide = false;
    this.#position++;
    this.#skipSpace();
    if (this.#peek() === 0x7d) {
      this.#position++;
      return false;
    }
    for (;;) {
      if (this.#peek() !== QUOTE) this.#fail('a key in double quotes is missing');
      const keyStart = this.#position;
      if (this.#string()) isWide = true;
      const keyEnd = this.#position;
      const isKeyEscaped = this.#isEscaped;
      this.#skipSpace();
      if (this.#peek() !== 0x3a) this.#fail('a colon is missing behind a key');
      this.#position++;
      this.#skipSpace();
      const valueStart = this.#position;
      if (this.#value(depth + 1)) isWide = true;
      if (facts !== null) {
        this.#keys.note(this.#bytes, keyStart, keyEnd, isKeyEscaped, valueStart, this.#position, facts);
      }
      this.#skipSpace();
      const next = this.#peek();
      if (next === 0x7d) break;
      if (next !== 0x2c) this.#fail('a comma or } is missing');
      this.#position++;
      this.#skipSpace();
    }
    this.#position++;
    return isWide;
  }

  #array(depth: number): boolean {
    if (depth > MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
    let isWide = false;
    this.#position++;
    this.#skipSpace();
    if (this.#peek() === 0x5d) {
      this.#position++;
      return false;
    }
    for (;;) {
      if (this.#value(depth + 1)) isWide = true;
      this.#skipSpace();
      const next = this.#peek();
      if (next === 0x5d) break;
      if (next !== 0x2c) this.#fail('a comma or ] is missing');
      this.#position++;
      this.#skipSpace();
    }
    this.#position++;
    return isWide;
  }

  #value(depth: number): boolean {
    switch (this.#peek()) {
      case QUOTE:
        return this.#string();
      case 0x7b:
        return this.#object(depth, null);
      case 0x5b:
        return this.#array(depth);
      case 0x74:
        return this.#literal('true');
      case 0x66:
        return this.#literal('false');
      case 0x6e:
        return this.#literal('null');
      case 0x4e:
        return this.#literal('NaN');
      case 0x49:
        return this.#literal('Infinity');
      default:
        return this.#number();
    }
  }

  #literal(word: string): boolean {
    for (let i = 0; i < word.length; i++, this.#position++) {
      if (this.#peek() !== word.charCodeAt(i)) this.#fail('a value is missing');
    }
    return false;
  }

  #string(): boolean {
    const bytes = this.#bytes;
    const end = this.#end;
    let position = this.#position + 1;
    let isWide = false;
    this.#isEscaped = false;
    for (; position < end; position++) {
      const byte = bytes[position] as number;
      if (byte === QUOTE) {
        this.#position = position + 1;
        return isWide;
      }
      if (byte > 0x7f) isWide = true;
      else if (byte === BACKSLASH) {
        this.#isEscaped = true;
        position = this.#escape(position);
      } else if (byte < 0x20) {
        this.#position = position;
        this.#fail('a control character stands unescaped in a string');
      }
    }
    this.#position = end;
    return this.#fail('');
  }

  /** Checks the escape whose backslash is at `position`; returns the position of its last byte. */
  #escape(position: number): number {
    this.#position = position + 1;
    switch (this.#peek()) {
      case QUOTE:
      case BACKSLASH:
      case 0x2f: // slash
      case 0x62: // b
      case 0x66: // f
      case 0x6e: // n
      case 0x72: // r
      case 0x74: // t
        return this.#position;
      case 0x75: // u and four hex digits; a lone surrogate is fine, as it is for Python
        for (let i = 0; i < 4; i++) {
          this.#position++;
          if (!isHexDigit(this.#peek())) this.#fail('a \\u escape has fewer than four hex digits');
        }
        return this.#position;
      default:
        return this.#fail('an unknown escape stands in a string');
    }
  }

  #number(): boolean {
    const start = this.#position;
    if (this.#peek() === 0x2d) this.#position++;
    if (this.#peek() === 0x49 && this.#position > start) return this.#literal('Infinity');
    const digits = this.#position;
    if (this.#peek() === 0x30) this.#position++;
    else this.#digits('a value is missing');
    const integerDigits = this.#position - digits;
    let isInteger = true;
    // As in Python, `1.` and `1e` are the integer 1 with something wrong behind it.
    if (this.#peek() === 0x2e) {
      isInteger = false;
      this.#position++;
      this.#digits('a digit is missing behind the decimal point');
    }
    if (this.#peek() === 0x65 || this.#peek() === 0x45) {
      isInteger = false;
      this.#position++;
      if (this.#peek() === 0x2b || this.#peek() === 0x2d) this.#position++;
      this.#digits('a digit is missing in the exponent');
    }
    if (isInteger && integerDigits > MAX_INTEGER_DIGITS) {
      throw new MalformedSession(`an integer has more than ${MAX_INTEGER_DIGITS} digits`, start);
    }
    return false;
  }

  #digits(reason: string): void {
    const start = this.#position;
    while (isDigit(this.#peek())) this.#position++;
    if (this.#position === start) this.#fail(reason);
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}
