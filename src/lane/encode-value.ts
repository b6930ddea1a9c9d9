import type { ByteSink } from '../byte-sink.js';
import { jsonToPython } from '../parse/json-values.js';
import type { PyValue } from '../python.js';
import type { ValueEncoding } from '../profiles/profile.js';
import { encodePickle } from '../profiles/encodings/pickle.js';
import { encodeJson } from '../profiles/encodings/python-json.js';

/**
 * Makes the value that a reader expects from a session file, or finds that the file is that value.
 *
 * @param readerProtocol highest pickle protocol that the reader loads, and the one to write
 * @param payload the file's bytes, already parsed
 * @param payloadProtocol protocol of a pickled payload, -1 for JSON
 * @param root the decoded session of a pickled payload
 * @returns true when `sink` holds the value, false when `payload` is the value, byte for byte
 * @throws {UnsupportedSession} for a type that the encoding cannot hold @throws {SinkFull}
 */
export function encodeValue(
  encoding: ValueEncoding,
  readerProtocol: 2 | 4 | 5,
  payload: Uint8Array,
  payloadProtocol: number,
  root: PyValue,
  sink: ByteSink,
): boolean {
  const isPickle = payloadProtocol >= 0;
  switch (encoding) {
    case 'verbatim':
      return false;
    case 'json':
    case 'c2c-json':
      if (!isPickle) return false;
      encodeJson(root, encoding === 'c2c-json' ? 'c2c' : 'plain', sink);
      return true;
    case 'pickle':
      if (isPickle && payloadProtocol <= readerProtocol) return false;
      encodePickle(isPickle ? root : jsonToPython(payload, 0, payload.length), readerProtocol, sink);
      return true;
  }
}
