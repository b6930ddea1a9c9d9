import { UnsupportedSession } from '../../errors.js';
import { dateState, PyAwareDateTime, PyDate, PyDateTime, PyTime } from '../dates.js';
import { type ByteSink, typeName, utf8Length, withinMember, writeFew, writeUtf8 } from '../sink.js';
import {
  MAX_NESTING,
  PyBytes,
  PyDict,
  PyFloat,
  PyInstance,
  PyMultiDict,
  PySet,
  PyText,
  PyTuple,
  type PyValue,
} from '../values.js';

/** 2 is read by Python 2.7 and 3, 4 from 3.4 on, 5 from 3.8 on. */
export type PickleProtocol = 2 | 4 | 5;

/** BININT1, BININT2, BININT, or LONG1 and LONG4 with the fewest bytes of two's complement. */
function writeInt(value: number | bigint, sink: ByteSink): void {
  if (value >= 0 && value <= 0xff) writeCounted('K', Number(value), 1, sink);
  else if (value >= 0 && value <= 0xffff) writeCounted('M', Number(value), 2, sink);
  else if (value >= -(2 ** 31) && value < 2 ** 31) writeCounted('J', Number(value), 4, sink);
  else writeLong(BigInt(value), sink);
}

function writeLong(value: bigint, sink: ByteSink): void {
  const digits = (value < 0n ? -value - 1n : value).toString(2).length;
  // One bit more than the digits, for the sign.
  const size = Math.floor(digits / 8) + 1;
  const bigEndian = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, '0');
  writeCounted(size < 256 ? '\x8a' : '\x8b', size, size < 256 ? 1 : 4, sink);
  sink.bytes(Buffer.from(bigEndian, 'hex').reverse());
}

/** BINFLOAT. */
function writeFloat(value: number, sink: ByteSink): void {
  sink.reserve(9);
  sink.byte(0x47);
  sink.length = sink.buffer.writeDoubleBE(value, sink.length);
}

/** SHORT_BINUNICODE, new in protocol 4, or BINUNICODE. */
function writeText(text: string, protocol: PickleProtocol, sink: ByteSink): void {
  const length = utf8Length(text);
  const isShort = protocol >= 4 && length < 256;
  writeCounted(isShort ? '\x8c' : 'X', length, isShort ? 1 : 4, sink);
  writeUtf8(text, length, sink);
}

/**
 * SHORT_BINSTRING or BINSTRING: Python 2 reads its own text back as it was. For Python 3 it becomes text, as it has
 * been all along if it is UTF-8.
 */
function writeTextOfPython2(text: PyText, protocol: PickleProtocol, sink: ByteSink): void {
  if (protocol > 2) {
    const decoded = text.decode();
    if (decoded === null) throw new UnsupportedSession('byte text that is not UTF-8');
    writeText(decoded, protocol, sink);
    return;
  }
  const { latin1 } = text;
  writeCounted(latin1.length < 256 ? 'U' : 'T', latin1.length, latin1.length < 256 ? 1 : 4, sink);
  sink.latin1(latin1);
}

/** `bytes` and `bytearray`, which below protocol 3 and 5 are calls. */
function writeBytes(bytes: Uint8Array, isMutable: boolean, protocol: PickleProtocol, sink: ByteSink): void {
  if (protocol === 2) {
    // Loadable by both Pythons, as Python 3 writes it: GLOBAL, text with a character for each byte, TUPLE2 REDUCE.
    writeFew(isMutable ? 'c__builtin__\nbytearray\n' : 'c_codecs\nencode\n', sink);
    writeText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'), protocol, sink);
    writeText('latin-1', protocol, sink);
    writeFew('\x86R', sink);
    return;
  }
  if (isMutable && protocol === 5) {
    // BYTEARRAY8, with a count of eight bytes.
    writeCounted('\x96', bytes.length, 4, sink);
    writeFew('\0\0\0\0', sink);
    sink.bytes(bytes);
    return;
  }
  if (isMutable) writeFew('cbuiltins\nbytearray\n', sink); // GLOBAL
  const isShort = bytes.length < 256;
  writeCounted(isShort ? 'C' : 'B', bytes.length, isShort ? 1 : 4, sink); // SHORT_BINBYTES, BINBYTES
  sink.bytes(bytes);
  if (isMutable) writeFew('\x85R', sink); // TUPLE1 REDUCE
}

/** An opcode and a little-endian number of `size` bytes. */
function writeCounted(opcode: string, number: number, size: 1 | 2 | 4, sink: ByteSink): void {
  writeFew(opcode, sink);
  for (let i = 0; i < size; i++) sink.byte((number >> (8 * i)) & 0xff);
}

/**
 * Appends a pickle that CPython loads as `value`. Opcodes as in CPython Lib/pickletools.py; no frames and no memo,
 * which readers do not ask for, so that a part which the value holds twice is written twice.
 * @param isRestricted whether what reads it loads no class but set, datetime, date and time
 * @throws {UnsupportedSession} for a cycle, or Python 2 text that a Python 3 reader cannot have
 * @throws {SinkFull}
 */
export function encodePickle(value: PyValue, protocol: PickleProtocol, sink: ByteSink, isRestricted = false): void {
  writeFew('\x80', sink); // PROTO
  sink.byte(protocol);
  new Encoder(protocol, sink, isRestricted).write(value);
  writeFew('.', sink); // STOP
}

class Encoder {
  private depth = 0;

  constructor(
    private readonly protocol: PickleProtocol,
    private readonly sink: ByteSink,
    private readonly isRestricted: boolean,
  ) {}

  write(value: PyValue): void {
    const { protocol, sink } = this;
    if (typeof value === 'string') writeText(value, protocol, sink);
    else if (typeof value === 'number' || typeof value === 'bigint') writeInt(value, sink);
    else if (value === null)
      writeFew('N', sink); // NONE
    else if (typeof value === 'boolean')
      writeFew(value ? '\x88' : '\x89', sink); // NEWTRUE, NEWFALSE
    else if (value instanceof PyFloat) writeFloat(value.value, sink);
    else if (value instanceof PyText) writeTextOfPython2(value, protocol, sink);
    else if (value instanceof PyBytes) writeBytes(value.bytes, value.isMutable, protocol, sink);
    else if (value instanceof PyDateTime || value instanceof PyDate || value instanceof PyTime) this.writeDate(value);
    else if (value instanceof PyInstance) throw new UnsupportedSession(`class ${value.className}`, value.offset);
    else this.writeContainer(value);
  }

  private writeDate(value: PyDateTime | PyDate | PyTime): void {
    writeFew(`cdatetime\n${typeName(value)}\n`, this.sink); // GLOBAL
    writeBytes(dateState(value), false, this.protocol, this.sink);
    if (value instanceof PyAwareDateTime) this.writeZone(value.offsetSeconds);
    else writeFew('\x85R', this.sink); // TUPLE1 REDUCE
  }

  /** The second argument of a datetime: `timezone(timedelta(0, seconds, 0))`, which Python 2 does not have. */
  private writeZone(offsetSeconds: number): void {
    const { protocol, sink } = this;
    if (protocol === 2 || this.isRestricted) throw new UnsupportedSession('a datetime with a time zone');
    writeFew('cdatetime\ntimezone\ncdatetime\ntimedelta\nK\0', sink);
    writeInt(offsetSeconds, sink);
    writeFew('K\0\x87R\x85R\x86R', sink); // TUPLE3 REDUCE TUPLE1 REDUCE TUPLE2 REDUCE
  }

  private writeContainer(value: PyDict | PySet | PyTuple | PyValue[]): void {
    if (this.depth > MAX_NESTING) throw new UnsupportedSession(`nested more than ${MAX_NESTING} deep`);
    this.depth++;
    if (value instanceof PyMultiDict) this.writeMultiDict(value);
    else if (value instanceof PyDict) this.writeDict(value);
    else if (value instanceof PySet) this.writeSet(value);
    else if (value instanceof PyTuple)
      this.writeItems('(', value.items, 't'); // MARK ... TUPLE
    else this.writeItems('](', value, 'e'); // EMPTY_LIST MARK ... APPENDS
    this.depth--;
  }

  private writeDict({ keys, values }: PyDict): void {
    writeFew('}(', this.sink); // EMPTY_DICT MARK
    let i = 0;
    try {
      for (; i < keys.length; i++) {
        this.write(keys[i] as PyValue);
        this.write(values[i] as PyValue);
      }
    } catch (error) {
      throw withinMember(error, keys[i] as PyValue);
    }
    writeFew('u', this.sink); // SETITEMS
  }

  /** A call with all pairs, which each class of the family takes: GLOBAL EMPTY_LIST MARK ... APPENDS TUPLE1 REDUCE. */
  private writeMultiDict({ className, keys, lists }: PyMultiDict): void {
    if (this.isRestricted) throw new UnsupportedSession(`class werkzeug.datastructures.${className}`);
    writeFew(`cwerkzeug.datastructures\n${className}\n](`, this.sink);
    for (const [i, key] of keys.entries()) {
      for (const value of lists[i] as PyValue[]) {
        this.write(key);
        this.write(value);
        writeFew('\x86', this.sink); // TUPLE2
      }
    }
    writeFew('e\x85R', this.sink);
  }

  private writeSet({ items, isFrozen }: PySet): void {
    if (this.protocol === 2) {
      // Before protocol 4 a set is a call with a list: GLOBAL EMPTY_LIST MARK ... APPENDS TUPLE1 REDUCE
      this.writeItems(`c__builtin__\n${isFrozen ? 'frozenset' : 'set'}\n](`, items, 'e\x85R');
    } else if (isFrozen) {
      this.writeItems('(', items, '\x91'); // MARK ... FROZENSET
    } else {
      this.writeItems('\x8f(', items, '\x90'); // EMPTY_SET MARK ... ADDITEMS
    }
  }

  private writeItems(before: string, items: readonly PyValue[], after: string): void {
    writeFew(before, this.sink);
    for (let i = 0; i < items.length; i++) this.write(items[i] as PyValue);
    writeFew(after, this.sink);
  }
}
