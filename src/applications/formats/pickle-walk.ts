import { Op } from '../../python/pickle/opcodes.js';
import type { FoundMembers } from './member-paths.js';
import { endsEarly, goesOn, malformed, type Scanner } from './scanner.js';

/** Of an opcode's argument: a number of bytes, or what tells it: a line or two, or a count of 1, 4 or 8 bytes. */
const LINE = -1;
const TWO_LINES = -2;
const COUNT_1 = -3;
const COUNT_4 = -4;
const COUNT_8 = -5;
const UNKNOWN = -9;

/** By opcode, as the comments of parse/pickle/opcodes.ts have it. */
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

/**
 * Follows a pickle from opcode to opcode to its STOP, which has to be its last byte. Nothing is built and nothing run,
 * so any class may be in it: for bytes that are copied as they are. Members are not looked at.
 */
export class PickleWalk implements Scanner {
  scan(bytes: Uint8Array, start: number, end: number, _found: FoundMembers): Uint8Array {
    let at = start;
    while (at < end) {
      const op = bytes[at++] as number;
      if (op === Op.STOP) {
        if (at < end) goesOn(at);
        return bytes;
      }
      const argument = ARGUMENTS[op] as number;
      if (argument === UNKNOWN) malformed('no opcode of pickle has this number', at - 1);
      if (argument >= 0) at += argument;
      else if (argument >= TWO_LINES) at = lineEnd(bytes, argument === LINE ? at : lineEnd(bytes, at, end), end);
      else at += countAt(bytes, at, end, argument === COUNT_1 ? 1 : argument === COUNT_4 ? 4 : 8);
    }
    endsEarly(end);
  }
}

function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) if (bytes[at++] === 0x0a) return at;
  endsEarly(end);
}

/** The bytes of a little-endian count and of what it counts. */
function countAt(bytes: Uint8Array, at: number, end: number, width: number): number {
  if (width > end - at) endsEarly(end);
  let count = 0;
  for (let i = width - 1; i >= 0; i--) count = count * 256 + (bytes[at + i] as number);
  return width + count;
}
