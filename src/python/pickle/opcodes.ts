/** The newest protocol of CPython 3.14, Lib/pickle.py. */
export const HIGHEST_PROTOCOL = 5;

/**
 * Every opcode of pickle protocols 0 to 5, with its argument and the protocol that brought it, under the names of
 * CPython Lib/pickletools.py. "line" is text up to a newline, "n1" a count of one byte, then that many bytes.
 */
export enum Op {
  // One value, complete with its argument
  NONE = 0x4e, // -, protocol 0
  NEWTRUE = 0x88, // -, 2
  NEWFALSE = 0x89, // -, 2
  INT = 0x49, // line: decimal, or 00 and 01 for bool, 0
  BININT = 0x4a, // int32 little-endian, 1
  BININT1 = 0x4b, // uint8, 1
  BININT2 = 0x4d, // uint16, 1
  LONG = 0x4c, // line: decimal, with or without L, 0
  LONG1 = 0x8a, // n1 little-endian two's complement, 2
  LONG4 = 0x8b, // n4 (signed) little-endian two's complement, 2
  FLOAT = 0x46, // line: decimal, 0
  BINFLOAT = 0x47, // float64 big-endian, 1
  STRING = 0x53, // line: Python 2 repr of a byte string, 0
  BINSTRING = 0x54, // n4 (signed), Python 2 str, 1
  SHORT_BINSTRING = 0x55, // n1, Python 2 str, 1
  UNICODE = 0x56, // line: raw-unicode-escape, 0
  BINUNICODE = 0x58, // n4, UTF-8 with surrogates let through, 1
  SHORT_BINUNICODE = 0x8c, // n1, likewise, 4
  BINUNICODE8 = 0x8d, // n8, likewise, 4
  BINBYTES = 0x42, // n4, 3
  SHORT_BINBYTES = 0x43, // n1, 3
  BINBYTES8 = 0x8e, // n8, 4
  BYTEARRAY8 = 0x96, // n8, 5
  NEXT_BUFFER = 0x97, // -, 5: bytes that travel outside of the pickle
  READONLY_BUFFER = 0x98, // -, 5

  // Containers
  EMPTY_LIST = 0x5d, // -, 1
  LIST = 0x6c, // -, 0: of all since the mark
  APPEND = 0x61, // -, 0
  APPENDS = 0x65, // -, 1: all since the mark
  EMPTY_TUPLE = 0x29, // -, 1
  TUPLE = 0x74, // -, 0: of all since the mark
  TUPLE1 = 0x85, // -, 2
  TUPLE2 = 0x86, // -, 2
  TUPLE3 = 0x87, // -, 2
  EMPTY_DICT = 0x7d, // -, 1
  DICT = 0x64, // -, 0: of all pairs since the mark
  SETITEM = 0x73, // -, 0
  SETITEMS = 0x75, // -, 1: all pairs since the mark
  EMPTY_SET = 0x8f, // -, 4
  ADDITEMS = 0x90, // -, 4: all since the mark
  FROZENSET = 0x91, // -, 4: of all since the mark

  // Stack and memo
  MARK = 0x28, // -, 0
  POP = 0x30, // -, 0
  POP_MARK = 0x31, // -, 1
  DUP = 0x32, // -, 0
  GET = 0x67, // line: decimal, 0
  BINGET = 0x68, // uint8, 1
  LONG_BINGET = 0x6a, // uint32, 1
  PUT = 0x70, // line: decimal, 0
  BINPUT = 0x71, // uint8, 1
  LONG_BINPUT = 0x72, // uint32, 1
  MEMOIZE = 0x94, // -, 4: at the next free place

  // Classes, where CPython would run code
  GLOBAL = 0x63, // two lines: module, name, 0
  STACK_GLOBAL = 0x93, // -, 4: module and name from the stack
  REDUCE = 0x52, // -, 0: callable, argument tuple
  NEWOBJ = 0x81, // -, 2: class, argument tuple
  NEWOBJ_EX = 0x92, // -, 4: class, argument tuple, keyword dict
  INST = 0x69, // two lines: module, name; arguments since the mark, 0
  OBJ = 0x6f, // -, 1: class and arguments since the mark
  BUILD = 0x62, // -, 0: object, state
  EXT1 = 0x82, // uint8, 2: a class by its number in copyreg's registry
  EXT2 = 0x83, // uint16, 2
  EXT4 = 0x84, // int32, 2
  PERSID = 0x50, // line, 0: a value that lives outside of the pickle
  BINPERSID = 0x51, // -, 1

  // The file itself
  PROTO = 0x80, // uint8, 2
  FRAME = 0x95, // uint64, 4: bytes up to the end of the frame
  STOP = 0x2e, // -, 0
}
