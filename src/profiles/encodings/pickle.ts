import type { ByteSink } from '../../byte-sink.js';
import { UnsupportedSession } from '../../errors.js';
import {
  MAX_NESTING,
  PyAwareDateTime,
  PyBytes,
  PyDate,
  PyDateTime,
  PyDict,
  PyFloat,
  PyInstance,
  PyMultiDict,
  PySet,
  PyText,
  PyTime,
  PyTuple,
  type PyValue,
} from '../../python.js';
import { dateState } from './date-state.js';
import { writeFew } from './few-bytes.js';
import { withinMember } from './member.js';
import {
  type PickleProtocol,
  writeBytes,
  writeFloat,
  writeInt,
  writeText,
  writeTextOfPython2,
} from './pickle-scalars.js';
import { typeName } from './type-name.js';

/**
 * Appends a pickle that CPython loads as `value`. Opcodes as in CPython Lib/pickletools.py; no frames and no memo,
 * which readers do not ask for, so that a part which the value holds twice is written twice.
 *
 * @param isRestricted whether what reads it loads no class but set, datetime, date and time
 * @throws {UnsupportedSession} for a cycle, or Python 2 text that a Python 3 reader cannot have @throws {SinkFull}
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
