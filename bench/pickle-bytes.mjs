/**
 * As much of pickle protocol 4 as a fake session needs: dictionaries, short strings, small integers, floats, an empty
 * list. The bytes equal CPython's `pickle.dumps(session, protocol=4)`, where a repeated key is fetched from the memo.
 */

class PythonFloat {
  constructor(value) {
    this.value = value;
  }
}

/** JavaScript cannot tell 1 from 1.0, Python does. */
export function pythonFloat(value) {
  return new PythonFloat(value);
}

export function pickle(dictionary) {
  const body = [];
  const memo = { size: 0, keys: new Map() };
  writeDictionary(body, dictionary, memo);
  body.push('.'); // STOP
  const bytes = Buffer.from(body.join(''), 'latin1');
  const head = Buffer.from('\x80\x04\x95\0\0\0\0\0\0\0\0', 'latin1'); // PROTO 4, FRAME
  head.writeBigUInt64LE(BigInt(bytes.length), 3);
  return Buffer.concat([head, bytes]);
}

function writeDictionary(body, dictionary, memo) {
  body.push('}\x94('); // EMPTY_DICT, MEMOIZE, MARK
  memo.size++;
  for (const [key, value] of Object.entries(dictionary)) {
    const known = memo.keys.get(key);
    if (known === undefined) {
      memo.keys.set(key, memo.size);
      writeString(body, key, memo);
    } else {
      body.push('h', String.fromCharCode(known)); // BINGET
    }
    writeValue(body, value, memo);
  }
  body.push('u'); // SETITEMS
}

function writeValue(body, value, memo) {
  if (typeof value === 'string') writeString(body, value, memo);
  else if (typeof value === 'number') writeInteger(body, value);
  else if (value instanceof PythonFloat) writeFloat(body, value.value);
  else if (Array.isArray(value)) {
    body.push(']\x94'); // EMPTY_LIST, MEMOIZE
    memo.size++;
  } else writeDictionary(body, value, memo);
}

function writeString(body, text, memo) {
  body.push('\x8c', String.fromCharCode(text.length), text, '\x94'); // SHORT_BINUNICODE (ASCII only), MEMOIZE
  memo.size++;
}

function writeInteger(body, value) {
  if (value < 256)
    body.push('K', String.fromCharCode(value)); // BININT1
  else body.push('M', String.fromCharCode(value & 255, value >> 8)); // BININT2
}

function writeFloat(body, value) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  body.push('G', bytes.latin1Slice()); // BINFLOAT
}
