import type { ByteSink } from '../../byte-sink.js';
import { UnsupportedSession } from '../../errors.js';
import type { PyText } from '../../python.js';
import { writeFew } from './few-bytes.js';
import { utf8Length, writeUtf8 } from './surrogatepass.js';

/** 2 is read by Python 2.7 and 3, 4 from 3.4 on, 5 from 3.8 on. */
export type PickleProtocol = 2 | 4 | 5;

/** BININT1, BININT2, BININT, or LONG1 and LONG4 with the fewest bytes of two's complement. */
export function writeInt(value: number | bigint, sink: ByteSink): void {
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
export function writeFloat(value: number, sink: ByteSink): void {
  sink.reserve(9);
  sink.byte(0x47);
  sink.length = sink.buffer.writeDoubleBE(value, sink.length);
}

/** SHORT_BINUNICODE, new in protocol 4, or BINUNICODE. */
export function writeText(text: string, protocol: PickleProtocol, sink: ByteSink): void {
  const length = utf8Length(text);
  const isShort = protocol >= 4 && length < 256;
  writeCounted(isShort ? '\x8c' : 'X', length, isShort ? 1 : 4, sink);
  writeUtf8(text, length, sink);
}

/**
 * SHORT_BINSTRING or BINSTRING: Python 2 reads its own text back as it was. For Python 3 it becomes text, as it has been
 * all along if it is UTF-8.
 */
export function writeTextOfPython2(text: PyText, protocol: PickleProtocol, sink: ByteSink): void {
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
export function writeBytes(bytes: Uint8Array, isMutable: boolean, protocol: PickleProtocol, sink: ByteSink): void {
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
