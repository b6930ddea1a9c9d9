import { MalformedSession, UnsupportedSession } from '../../errors.js';
import { jsonToPython } from '../../python/json-read.js';
import { encodeJson } from '../../python/json-write.js';
import { encodePickle } from '../../python/pickle/write.js';
import type { ByteSink } from '../../python/sink.js';
import { PyDict, type PyValue } from '../../python/values.js';
import { unwrapC2c } from './c2c-types.js';
import type { Profile } from './profile.js';

/** What of a profile decides about values. */
export type ReaderEncoding = Pick<Profile, 'encoding' | 'pickleProtocol' | 'oldestVerbatimProtocol'>;

/** Only what holds this can hold a wrapper, ours or one that a module of the shop made. */
const WRAPPER_MARK = Buffer.from('"_type"');

/**
 * Odoo up to 16 may run on a Python before 3.8, which knows no protocol 5; all of Python 3 that runs an Odoo loads 4.
 */
function writtenProtocol(highest: Profile['pickleProtocol']): 2 | 4 {
  return highest === 2 ? 2 : 4;
}

/**
 * Makes the value that a reader expects from a session file, or finds that the file is that value.
 * @param reader of a profile: how it encodes, which pickles it loads as they are, and the protocol to write
 * @param payload the file's bytes, already parsed
 * @param payloadProtocol protocol of a pickled payload, -1 for JSON
 * @param root the decoded session of a pickled payload
 * @returns true when `sink` holds the value, false when `payload` is the value, byte for byte
 * @throws {UnsupportedSession} for a type that the encoding cannot hold
 * @throws {SinkFull}
 */
export function encodeValue(
  reader: ReaderEncoding,
  payload: Buffer,
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
      if (!isPickle) return false;
      encodeJson(root, 'plain', sink);
      return true;
    case 'c2c-json':
      if (isPickle) encodeJson(root, 'c2c', sink);
      checkWrappers(isPickle ? sink.buffer.subarray(0, sink.length) : payload);
      return isPickle;
    case 'pickle':
      if (isPickle && payloadProtocol <= pickleProtocol && payloadProtocol >= oldestVerbatimProtocol) return false;
      encodePickle(isPickle ? root : jsonToPython(payload, 0, payload.length), writtenProtocol(pickleProtocol), sink);
      return true;
  }
}

/**
 * camptocamp's decoder raises at a wrapper that holds nothing of its kind, as after its own save: HTTP 500 for that
 * user.
 */
function checkWrappers(value: Buffer): void {
  if (!value.includes(WRAPPER_MARK)) return;
  try {
    if (unwrapC2c(jsonToPython(value)) instanceof PyDict) return;
  } catch (error) {
    if (!(error instanceof MalformedSession)) throw error;
    throw new UnsupportedSession(`${error.reason}, at which the reader's decoder fails`);
  }
  throw new UnsupportedSession("the session itself is a wrapper to the reader's decoder");
}
