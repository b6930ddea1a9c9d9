import { PyFloat, type PyValue } from '../../python.js';
import type { Cursor } from './cursor.js';
import { floatLine, intLine, longBytes, longLine } from './numbers.js';
import { Op } from './opcodes.js';
import { byteString, byteText, stringLine, text, unicodeLine } from './texts.js';

/** The value of an opcode that is complete with its argument; undefined for an opcode that is none of these. */
export function readLiteral(op: Op, cursor: Cursor): PyValue | undefined {
  switch (op) {
    case Op.SHORT_BINUNICODE:
      return text(cursor, cursor.uint8());
    case Op.BINUNICODE:
      return text(cursor, cursor.uint32());
    case Op.BINUNICODE8:
      return text(cursor, cursor.uint64());
    case Op.UNICODE:
      return unicodeLine(cursor);
    case Op.NONE:
      return null;
    case Op.NEWTRUE:
      return true;
    case Op.NEWFALSE:
      return false;
    case Op.BININT1:
      return cursor.uint8();
    case Op.BININT2:
      return cursor.uint16();
    case Op.BININT:
      return cursor.int32();
    case Op.INT:
      return intLine(cursor);
    case Op.LONG1:
      return longBytes(cursor, cursor.uint8());
    case Op.LONG4:
      return longBytes(cursor, cursor.count32());
    case Op.LONG:
      return longLine(cursor);
    case Op.BINFLOAT:
      return new PyFloat(cursor.float64());
    case Op.FLOAT:
      return floatLine(cursor);
    case Op.SHORT_BINSTRING:
      return byteText(cursor, cursor.uint8());
    case Op.BINSTRING:
      return byteText(cursor, cursor.count32());
    case Op.STRING:
      return stringLine(cursor);
    case Op.SHORT_BINBYTES:
      return byteString(cursor, cursor.uint8(), false);
    case Op.BINBYTES:
      return byteString(cursor, cursor.uint32(), false);
    case Op.BINBYTES8:
      return byteString(cursor, cursor.uint64(), false);
    case Op.BYTEARRAY8:
      return byteString(cursor, cursor.uint64(), true);
    default:
      return undefined;
  }
}
