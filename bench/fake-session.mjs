/**
 * The n-th fake session, the same on every machine: a login as Odoo 19 stores it, about 290 bytes of JSON, or the same
 * dictionary pickled. In a flat store it has the file name of Odoo 15 and earlier, in a hashed one that of Odoo 18 and later. Everything hangs on the index and two stamps, so that the peers' command file needs no reading.
 */
import { createHash } from 'node:crypto';
import { pickle, pythonFloat } from './pickle-bytes.mjs';

/** Odoo's own: a file whose mtime is older is dead. */
const LIFETIME_MS = 7 * 86_400_000;
/** The oldest file keeps half a day to live, which must cover the age of a reused store and the run. */
const SPREAD_MS = 6.5 * 86_400_000;

/** `builtAt` fixes the content, `stampedAt` the mtimes (both epoch ms): an old store can be stamped anew. */
export function fakeSession(index, { builtAt, stampedAt, layout }) {
  const digest = createHash('sha512').update(`session ${index}`).digest();
  const hex = digest.toString('hex');
  const sid = layout === 'hashed' ? digest.subarray(0, 63).toString('base64url') : hex.slice(0, 40);
  const age = Math.floor((Number.parseInt(hex.slice(104, 112), 16) / 2 ** 32) * SPREAD_MS);
  const mtimeMs = stampedAt - 1 - age;
  // Real mtimes are never whole milliseconds. The fraction stays off both ends, where a double could round it away.
  const microseconds = 50 + Number.parseInt(hex.slice(112, 114), 16) * 3;
  return {
    name: layout === 'hashed' ? `${sid.slice(0, 2)}/${sid}` : `werkzeug_${sid}.sess`,
    key: `session:${sid}`,
    mtimeSeconds: (mtimeMs * 1000 + microseconds) / 1e6,
    expiresAtMs: mtimeMs + LIFETIME_MS,
    uid: (index % 50_000) + 1,
    token: hex.slice(40, 104),
    createTime: (builtAt - age - 60_000) / 1000 + 0.000123,
  };
}

/** As `json.dump` writes it: `", "` and `": "`. A JSON store holds these bytes, and Redis gets them in any case. */
export function jsonText({ uid, token, createTime }) {
  return (
    `{"db": "production", "debug": "", "uid": ${uid}, "login": "customer.${uid}@mail.example.com", "session_token": "${token}", ` +
    `"context": {"lang": "en_US", "tz": "Europe/Brussels", "uid": ${uid}}, "_trace": [], "create_time": ${createTime}}`
  );
}

export function pickleBytes({ uid, token, createTime }) {
  return pickle({
    db: 'production',
    debug: '',
    uid,
    login: `customer.${uid}@mail.example.com`,
    session_token: token,
    context: { lang: 'en_US', tz: 'Europe/Brussels', uid },
    _trace: [],
    create_time: pythonFloat(createTime),
  });
}
