import { MalformedSession } from '../../errors.js';
import { jsonToPython } from '../../python/json-read.js';
import { encodeJson } from '../../python/json-write.js';
import { encodePickle } from '../../python/pickle/write.js';
import type { ByteSink } from '../../python/sink.js';
import { PyDict, type PyValue } from '../../python/values.js';
import { unwrapC2c } from './c2c-types.js';
import type { FileFormat } from './file-format.js';
import { pickleProtocolOf } from './parse.js';
import type { ValueEncoding } from './profile.js';

/** An int as `json.dumps` writes it as a key, and no other text that means one. */
const INT = /^(?:0|-?[1-9]\d{0,14})$/;

/**
 * Makes ints of the keys of `saved_actions["actions"]`, which JSON had made text of. Odoo up to 15 looks an action up
 * by an int, and from the eleventh on takes the `min()` of the keys, at which Python 3 fails where ints and texts are
 * mixed (odoo/http.py, save_action and get_action).
 */
export function restoreActionKeys(session: PyDict): void {
  const saved = session.get('saved_actions');
  const actions = saved instanceof PyDict ? saved.get('actions') : undefined;
  if (!(saved instanceof PyDict) || !(actions instanceof PyDict)) return;
  const restored = new PyDict();
  actions.keys.forEach((key, i) => {
    const isInt = typeof key === 'string' && INT.test(key);
    restored.set(isInt ? Number(key) : key, actions.values[i] as PyValue);
  });
  saved.set('actions', restored);
}

/** What a wrapper begins with as `json.dumps` writes it. */
const WRAPPER_MARK = '"_type"';

/** How a pickle of protocol 2 names the classes of time zones that Python 2 does not have. */
const ZONE_MARKS = ['datetime\ntimezone\n', 'zoneinfo\nZoneInfo\n'];

/**
 * Makes the file that an Odoo reads from a reader's value, or finds that the value is that file.
 * @param value the key's value, already parsed
 * @param root the decoded session of a pickle, null for JSON
 * @returns true when `sink` holds the file, false when `value` is the file, byte for byte
 * @throws {MalformedSession} where the reader itself can't decode the value
 * @throws {UnsupportedSession} for a type that the file cannot hold
 * @throws {SinkFull}
 */
export function encodeFile(
  file: FileFormat,
  encoding: ValueEncoding,
  value: Buffer,
  root: PyValue,
  sink: ByteSink,
): boolean {
  if (root !== null) return encodePickled(file, value, root, sink);
  if (file.protocol === null) {
    if (encoding === 'c2c-json') refuseWrapped(value, sink);
    return false;
  }
  const session = jsonSession(encoding, value);
  if (file.hasSavedActions) restoreActionKeys(session);
  encodePickle(session, file.protocol, sink, file.isRestricted);
  return true;
}

function encodePickled(file: FileFormat, value: Buffer, root: PyValue, sink: ByteSink): boolean {
  if (file.protocol === null) {
    encodeJson(root, 'plain', sink);
    return true;
  }
  const protocol = pickleProtocolOf(value);
  const isVerbatim = protocol <= file.protocol && protocol >= file.oldestVerbatimProtocol;
  if (isVerbatim && !(file.protocol === 2 && ZONE_MARKS.some((mark) => value.includes(mark)))) return false;
  encodePickle(root, file.protocol, sink, file.isRestricted);
  return true;
}

/** A JSON file has no shape for camptocamp's types: Odoo would read a dict where a datetime was. */
function refuseWrapped(value: Buffer, sink: ByteSink): void {
  if (!value.includes(WRAPPER_MARK)) return;
  encodeJson(jsonSession('c2c-json', value), 'plain', sink);
  sink.length = 0;
}

function jsonSession(encoding: ValueEncoding, value: Buffer): PyDict {
  const decoded = jsonToPython(value);
  const session = encoding === 'c2c-json' ? unwrapC2c(decoded) : decoded;
  if (!(session instanceof PyDict)) throw new MalformedSession('the value holds no dict', 0);
  return session;
}
