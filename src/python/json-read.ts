import { MalformedSession } from '../errors.js';
import { asciiText, decodeUtf8 } from './text.js';
import { MAX_INT_DIGITS, MAX_NESTING, MAX_OBJECTS, PyDict, PyFloat, type PyValue } from './values.js';

const CONSTANTS = new Map<string, PyValue>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', new PyFloat(Number.NaN)],
  ['Infinity', new PyFloat(Number.POSITIVE_INFINITY)],
  ['-Infinity', new PyFloat(Number.NEGATIVE_INFINITY)],
]);

const LETTERS: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', '/': '/' };

/**
 * The values of JSON text as Python's `json.load` makes them: int and float apart, ints exact, halves of surrogate
 * pairs kept, the last of equal keys. Text that the scanner of
 * applications/odoo/json-scan.ts refuses is refused here too, with a less detailed message.
 */
export function jsonToPython(bytes: Uint8Array, start = 0, end = bytes.length): PyValue {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return new JsonReader(buffer, start, end).document();
}

class JsonReader {
  private at: number;
  private objects = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly start: number,
    private readonly end: number,
  ) {
    this.at = start;
  }

  document(): PyValue {
    const value = this.value(0);
    if (this.next() !== -1) throw this.malformed('text after the end of the value');
    return value;
  }

  private malformed(reason: string): MalformedSession {
    return new MalformedSession(reason, this.at - this.start);
  }

  /** The next byte that is not white space, which stays; -1 at the end. */
  private next(): number {
    const { bytes, end } = this;
    while (this.at < end) {
      const byte = bytes[this.at] as number;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.at++;
    }
    return -1;
  }

  /** Steps over the next byte if it is this one. */
  private accept(character: string): boolean {
    if (this.next() !== character.charCodeAt(0)) return false;
    this.at++;
    return true;
  }

  private expect(character: string): void {
    if (!this.accept(character)) throw this.malformed(`${character} expected`);
  }

  private value(depth: number): PyValue {
    if (this.accept('"')) return this.text();
    const isDict = this.accept('{');
    if (!isDict && !this.accept('[')) return this.word();
    if (depth > MAX_NESTING) throw this.malformed(`nested more than ${MAX_NESTING} deep`);
    if (++this.objects > MAX_OBJECTS) throw this.malformed(`more than ${MAX_OBJECTS} objects`);
    return isDict ? this.dict(depth) : this.list(depth);
  }

  private list(depth: number): PyValue[] {
    const list: PyValue[] = [];
    if (this.accept(']')) return list;
    do list.push(this.value(depth + 1));
    while (this.accept(','));
    this.expect(']');
    return list;
  }

  private dict(depth: number): PyDict {
    const dict = new PyDict();
    if (this.accept('}')) return dict;
    do {
      this.expect('"');
      const key = this.text();
      this.expect(':');
      dict.set(key, this.value(depth + 1));
    } while (this.accept(','));
    this.expect('}');
    return dict;
  }

  /** A number or a constant: everything up to the next byte that neither has. */
  private word(): PyValue {
    const start = this.at;
    while (this.at < this.end && isWordByte(this.bytes[this.at] as number)) this.at++;
    const word = this.bytes.toString('latin1', start, this.at);
    const constant = CONSTANTS.get(word);
    if (constant !== undefined) return constant;
    const kind = numberKind(word);
    if (kind === 'none') throw this.malformed('value expected');
    if (kind === 'float') return new PyFloat(Number(word));
    if (word.replace('-', '').length > MAX_INT_DIGITS)
      throw this.malformed(`int of more than ${MAX_INT_DIGITS} digits`);
    const value = Number(word);
    // The sum makes an integer zero of -0.
    return Number.isSafeInteger(value) ? value + 0 : BigInt(word);
  }

  /** Text behind its opening quote. */
  private text(): string {
    const { bytes, end } = this;
    let text = '';
    let start = this.at;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === 0x22) {
        this.at = at + 1;
        return text + this.plain(start, at);
      }
      if (byte === 0x5c) {
        text += this.plain(start, at);
        this.at = at + 1;
        text += this.escape();
        start = this.at;
        at = start - 1;
      } else if (byte < 0x20) {
        this.at = at;
        throw this.malformed('control character in text');
      }
    }
    this.at = end;
    throw this.malformed('text without an end');
  }

  private plain(start: number, end: number): string {
    const plain = asciiText(this.bytes, start, end) ?? decodeUtf8(this.bytes, start, end, 'refuse');
    if (plain === null) throw this.malformed('text is not UTF-8');
    return plain;
  }

  /** A surrogate pair that is written as two escapes becomes one character when the two are joined. */
  private escape(): string {
    const letter = this.at < this.end ? String.fromCharCode(this.bytes[this.at++] as number) : '';
    const character = LETTERS[letter];
    if (character !== undefined) return character;
    const digits = this.bytes.toString('latin1', this.at, Math.min(this.at + 4, this.end));
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) throw this.malformed('no escape of JSON');
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
}

/** Letters, digits and + - . */
function isWordByte(byte: number): boolean {
  const lower = byte | 0x20;
  const isLetter = lower >= 0x61 && lower <= 0x7a;
  return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e;
}

/**
 * CPython Lib/json/scanner.py NUMBER_RE, in one look at each character: only a fraction or an exponent makes a float.
 */
function numberKind(word: string): 'int' | 'float' | 'none' {
  const start = word[0] === '-' ? 1 : 0;
  let at = word[start] === '0' ? start + 1 : digitsEnd(word, start);
  const whole = at;
  if (at === start) return 'none';
  if (word[at] === '.') {
    at = digitsEnd(word, at + 1);
    if (at === whole + 1) return 'none';
  }
  if (word[at] === 'e' || word[at] === 'E') {
    const exponent = word[at + 1] === '-' || word[at + 1] === '+' ? at + 2 : at + 1;
    at = digitsEnd(word, exponent);
    if (at === exponent) return 'none';
  }
  if (at !== word.length) return 'none';
  return at === whole ? 'int' : 'float';
}

function digitsEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39) at++;
  return at;
}
