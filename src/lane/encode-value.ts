import type { ByteSink } from '../byte-sink.js';
import { jsonToPython } from '../parse/json-values.js';
import { encodePickle } from '../profiles/encodings/pickle.js';
import { encodeJson } from '../profiles/encodings/python-json.js';
import type { Profile } from '../profiles/profile.js';
import type { PyValue } from '../python.js';

/** What of a profile decides about values. */
export type ReaderEncoding = Pick<Profile, 'encoding' | 'pickleProtocol' | 'oldestVerbatimProtocol'>;

/** Odoo up to 16 may run on a Python before 3.8, which knows no protocol 5; all of Python 3 that runs an Odoo loads 4. */
function writtenProtocol(highest: Profile['pickleProtocol']): 2 | 4 {
  return highest === 2 ? 2 : 4;
}

/**
 * Makes the value that a reader expects from a session file, or finds that the file is that value.
 *
 * @param reader of a profile: how it encodes, which pickles it loads as they are, and the protocol to write
 * @param payload the file's bytes, already parsed
 * @param payloadProtocol protocol of a pickled payload, -1 for JSON
 * @param root the decoded session of a pickled payload
 * @returns true when `sink` holds the value, false when `payload` is the value, byte for byte
 * @throws {UnsupportedSession} for a type that the encoding cannot hold @throws {SinkFull}
 */
export function encodeValue(
  reader: ReaderEncoding,
  payload: Uint8Array,
  payloadProtocol: number,
  root: PyValue,
  sink: ByteSink,
): boolean {
  const { encoding, pickleProtocol, oldestVerbatimProtocol } = reader;
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
      if (isPickle && payloadProtocol <= pickleProtocol && payloadProtocol >= oldestVerbatimProtocol) return false;
      encodePickle(isPickle ? root : jsonToPython(payload, 0, payload.length), writtenProtocol(pickleProtocol), sink);
      return true;
  }
}
