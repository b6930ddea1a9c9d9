import { Op } from '../../python/pickle/opcodes.js';
import { KIND, type Kind } from './member-paths.js';
import { endsEarly, malformed } from './scanner.js';

/** Of an opcode's argument: a number of bytes, or what tells it: a line or two, or a count of 1, 4 or 8 bytes. */
const LINE = -1;
const TWO_LINES = -2;
const COUNT_1 = -3;
const COUNT_4 = -4;
const COUNT_8 = -5;
const UNKNOWN = -9;

/** By opcode, as the comments of python/pickle/opcodes.ts have it. */
const ARGUMENTS = new Int8Array(256).fill(UNKNOWN);
for (const op of Object.values(Op)) if (typeof op === 'number') ARGUMENTS[op] = 0;
const set = (argument: number, ...ops: Op[]) => {
  for (const op of ops) ARGUMENTS[op] = argument;
};
set(1, Op.BININT1, Op.BINGET, Op.BINPUT, Op.EXT1, Op.PROTO);
set(2, Op.BININT2, Op.EXT2);
set(4, Op.BININT, Op.LONG_BINGET, Op.LONG_BINPUT, Op.EXT4);
set(8, Op.BINFLOAT, Op.FRAME);
set(LINE, Op.INT, Op.LONG, Op.FLOAT, Op.STRING, Op.UNICODE, Op.GET, Op.PUT, Op.PERSID);
set(TWO_LINES, Op.GLOBAL, Op.INST);
set(COUNT_1, Op.LONG1, Op.SHORT_BINSTRING, Op.SHORT_BINUNICODE, Op.SHORT_BINBYTES);
set(COUNT_4, Op.LONG4, Op.BINSTRING, Op.BINUNICODE, Op.BINBYTES);
set(COUNT_8, Op.BINUNICODE8, Op.BINBYTES8, Op.BYTEARRAY8);

/** Opcodes that give one value, complete with its argument, by what the value is. */
export const KINDS_OF_SCALARS: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [Op.NONE, KIND.null],
  [Op.NEWTRUE, KIND.true],
  [Op.NEWFALSE, KIND.false],
  ...[Op.INT, Op.BININT, Op.BININT1, Op.BININT2, Op.LONG, Op.LONG1, Op.LONG4].map((op) => [op, KIND.integer] as const),
  ...[Op.FLOAT, Op.BINFLOAT].map((op) => [op, KIND.float] as const),
  ...[Op.STRING, Op.BINSTRING, Op.SHORT_BINSTRING, Op.UNICODE].map((op) => [op, KIND.text] as const),
  ...[Op.BINUNICODE, Op.SHORT_BINUNICODE, Op.BINUNICODE8].map((op) => [op, KIND.text] as const),
  ...[Op.BINBYTES, Op.SHORT_BINBYTES, Op.BINBYTES8, Op.BYTEARRAY8].map((op) => [op, KIND.text] as const),
]);

/**
 * Where the argument that begins at `at` ends.
 * @throws {ContentFault}
 */
export function argumentEnd(op: number, bytes: Uint8Array, at: number, end: number): number {
  const argument = ARGUMENTS[op] as number;
  if (argument === UNKNOWN) malformed('no opcode of pickle has this number', at - 1);
  const behind =
    argument >= 0
      ? at + argument
      : argument >= TWO_LINES
        ? lineEnd(bytes, argument === LINE ? at : lineEnd(bytes, at, end), end)
        : at + countAt(bytes, at, end, widthOf(argument));
  if (behind > end) endsEarly(end);
  return behind;
}

const widthOf = (argument: number) => (argument === COUNT_1 ? 1 : argument === COUNT_4 ? 4 : 8);

function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) if (bytes[at++] === 0x0a) return at;
  endsEarly(end);
}

/** The bytes of a little-endian count and of what it counts. */
function countAt(bytes: Uint8Array, at: number, end: number, width: number): number {
  if (width > end - at) endsEarly(end);
  return width + numberAt(bytes, at, width);
}

function numberAt(bytes: Uint8Array, at: number, width: number): number {
  let number = 0;
  for (let i = width - 1; i >= 0; i--) number = number * 256 + (bytes[at + i] as number);
  return number;
}

const INTEGER = /^[ \t]*[+-]?\d+L?$/;
const FLOAT = /^[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf|nan)$/;
const QUOTED = /^(['"]).*\1$/s;

/** Reads arguments that are numbers or texts. Its fields describe the last one. */
export class PickleNumbers {
  /** Null where the opcode says all. */
  kind: Kind | null = null;
  value = 0;
  /** Of a text: where it stands. */
  start = 0;
  end = 0;

  read(op: number, bytes: Uint8Array, at: number, behind: number): void {
    this.kind = null;
    this.value = 0;
    const argument = ARGUMENTS[op] as number;
    this.start = argument <= COUNT_1 ? at + widthOf(argument) : at;
    this.end = argument === LINE ? behind - 1 : behind;
    if (op === Op.BININT1 || op === Op.BININT2) this.value = numberAt(bytes, at, argument);
    else if (op === Op.BININT) this.value = numberAt(bytes, at, 4) | 0;
    else if (op === Op.BINFLOAT) this.value = new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0);
    else if (op === Op.LONG1 || op === Op.LONG4) this.#long(bytes);
    else if (argument === LINE) this.#line(op, bytes);
  }

  /** The place in the memo that an opcode names. */
  place(op: number, bytes: Uint8Array, at: number, behind: number): number {
    const argument = ARGUMENTS[op] as number;
    if (argument !== LINE) return numberAt(bytes, at, argument);
    const line = Buffer.from(bytes.subarray(at, behind - 1)).toString('latin1');
    if (!/^\d{1,15}$/.test(line)) malformed('a place is no number', at);
    return Number(line);
  }

  /** Two's complement, little-endian. */
  #long(bytes: Uint8Array): void {
    const width = this.end - this.start;
    if (width === 0) return;
    const isNegative = ((bytes[this.end - 1] as number) & 0x80) !== 0;
    this.value = numberAt(bytes, this.start, width) - (isNegative ? 256 ** width : 0);
  }

  #line(op: number, bytes: Uint8Array): void {
    const line = Buffer.from(bytes.subarray(this.start, this.end)).toString('latin1');
    if (op === Op.STRING) {
      if (!QUOTED.test(line) || line.length < 2) malformed('a text has no quotes around it', this.start);
      this.start++;
      this.end--;
    } else if (op === Op.INT && (line === '00' || line === '01')) {
      this.kind = line === '01' ? KIND.true : KIND.false;
    } else if (op === Op.INT || op === Op.LONG) {
      if (!INTEGER.test(line)) malformed('an integer is no number', this.start);
      this.value = Number(line.replace('L', ''));
    } else if (op === Op.FLOAT) {
      if (!FLOAT.test(line)) malformed('a float is no number', this.start);
      this.value = Number(line);
    }
  }
}
