/**
 * READ FIRST. Pickles, read without running anything: unknown classes are told apart, never called.
 *
 *   cursor, opcodes  the bytes, one instruction at a time   literals, numbers  what an instruction holds
 *   stack            values in the making, and the memo     globals, calls     the few classes that are known
 *   dates            datetime and its zones                 unknown-classes    all others, named in the reject
 *   write            a pickle of any protocol, from values
 */

import { PyDict, PySet, PyTuple, type PyValue } from '../values.js';
import { Calls } from './calls.js';
import { Allowance, Cursor } from './cursor.js';
import { readLiteral } from './literals.js';
import { memoIndex } from './numbers.js';
import { HIGHEST_PROTOCOL, Op } from './opcodes.js';
import { Stack } from './stack.js';

/**
 * Reads the pickle in bytes `start` to `end`, of any protocol, written by Python 2 or 3. Nothing is ever run: classes
 * that sessions hold become data (see globals.ts), any other is an UnsupportedSession; what CPython itself could not
 * load is a MalformedSession. Like `pickle.load`, it does not look at what follows STOP.
 *
 * The machine is a stack and a memo, and each opcode is one step: no value is walked, however deep it is, so the only
 * loop is the one below, which every turn brings closer to the end of the bytes.
 */
export function unpickle(bytes: Uint8Array, start = 0, end = bytes.length): PyValue {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const cursor = new Cursor(buffer, start, end);
  const allowance = new Allowance(cursor);
  const stack = new Stack(cursor, allowance);
  const calls = new Calls(cursor, allowance, stack);
  for (;;) {
    const op: Op = cursor.uint8();
    switch (op) {
      case Op.MARK:
        stack.mark();
        break;
      case Op.MEMOIZE:
        stack.memoize();
        break;
      case Op.BINPUT:
        stack.put(cursor.uint8());
        break;
      case Op.LONG_BINPUT:
        stack.put(cursor.uint32());
        break;
      case Op.PUT:
        stack.put(memoIndex(cursor));
        break;
      case Op.BINGET:
        stack.get(cursor.uint8());
        break;
      case Op.LONG_BINGET:
        stack.get(cursor.uint32());
        break;
      case Op.GET:
        stack.get(memoIndex(cursor));
        break;
      case Op.POP:
        stack.drop();
        break;
      case Op.POP_MARK:
        stack.dropToMark();
        break;
      case Op.DUP:
        stack.push(stack.top());
        break;
      case Op.EMPTY_DICT:
        allowance.spend(1);
        stack.push(new PyDict());
        break;
      case Op.DICT:
        allowance.spend(1);
        stack.push(stack.dictFromMark());
        break;
      case Op.SETITEM:
        stack.setPair();
        break;
      case Op.SETITEMS:
        stack.setFromMark();
        break;
      case Op.EMPTY_LIST:
        allowance.spend(1);
        stack.push([]);
        break;
      case Op.LIST:
        allowance.spend(1);
        stack.push(stack.popToMark());
        break;
      case Op.APPEND:
        stack.append();
        break;
      case Op.APPENDS:
        stack.appendFromMark();
        break;
      case Op.EMPTY_TUPLE:
        allowance.spend(1);
        stack.push(new PyTuple([]));
        break;
      case Op.TUPLE1:
      case Op.TUPLE2:
      case Op.TUPLE3:
        allowance.spend(1);
        stack.push(stack.popTuple(op - Op.TUPLE1 + 1));
        break;
      case Op.TUPLE:
        allowance.spend(1);
        stack.push(new PyTuple(stack.popToMark()));
        break;
      case Op.EMPTY_SET:
        allowance.spend(1);
        stack.push(new PySet());
        break;
      case Op.ADDITEMS:
        stack.addFromMark();
        break;
      case Op.FROZENSET:
        allowance.spend(1);
        stack.push(stack.frozenSetFromMark());
        break;
      case Op.PROTO: {
        const protocol = cursor.uint8();
        if (protocol > HIGHEST_PROTOCOL) throw cursor.malformed(`pickle protocol above ${HIGHEST_PROTOCOL}`);
        break;
      }
      case Op.FRAME:
        cursor.frame();
        break;
      case Op.STOP:
        return stack.pop();
      default: {
        const value = readLiteral(op, cursor);
        if (value === undefined) calls.step(op);
        else stack.push(value);
      }
    }
  }
}
