/**
 * Names in a session directory, and what they say before anything is opened.
 *
 * Flat stores hold `werkzeug_<sid>.sess` (Odoo <= 15: odoo/tools/_vendor/sessions.py), hashed stores `<sid[:2]>/<sid>`
 * (Odoo >= 16: odoo/http.py, FilesystemSessionStore.get_session_filename). A data directory that survived upgrades
 * holds both.
 */
import type { Layout, SidKind } from '../session.js';

/** A path relative to its session directory, taken apart. `kind` is null where the name is not a session's. */
export interface SessionName {
  kind: SidKind | null;
  /** Meaningful only with `kind`: byte for byte as in the file name. */
  sid: string;
  layout: Layout;
  isTempFile: boolean;
}

const HEX40 = /^[a-f0-9]{40}$/;
const URLSAFE = /^[A-Za-z0-9_-]+$/;
const SHARD = /^[A-Za-z0-9_-]{2}$/;
const FLAT_PREFIX = 'werkzeug_';
const FLAT_SUFFIX = '.sess';

/** Half-written saves: `__wz_sess` up to Odoo 19, `__tx_sess__` after it (odoo/http/session.py). */
const TEMP_SUFFIXES = ['.__wz_sess', '.__tx_sess__'];

/** The kind of a session id, or null for any other text. */
export function kindOfSid(sid: string): SidKind | null {
  switch (sid.length) {
    case 40:
      return HEX40.test(sid) ? 'hex40' : null;
    case 84:
      return URLSAFE.test(sid) ? 'urlsafe84' : null;
    case 86:
      return URLSAFE.test(sid) ? 'urlsafe86' : null;
    default:
      return null;
  }
}

/** Whether a sub-directory of a store is one of the shards that Odoo 16+ spreads sessions over. */
export function isShard(directoryName: string): boolean {
  return SHARD.test(directoryName);
}

/** Reads `path`, relative to the store and with `/` only behind a shard, into `name`, which is returned. */
export function parseName(path: string, name: SessionName): SessionName {
  const isInShard = path.charCodeAt(2) === 0x2f;
  const file = isInShard ? path.slice(3) : path;
  name.layout = isInShard ? 'hashed' : 'flat';
  name.kind = null;
  name.sid = '';
  name.isTempFile = false;

  if (isInShard) {
    // A file under another shard's directory is one that Odoo never looks at.
    if (!file.startsWith(path.slice(0, 2))) return notSession(name, file);
    name.kind = kindOfSid(file);
    name.sid = file;
  } else if (file.startsWith(FLAT_PREFIX) && file.endsWith(FLAT_SUFFIX)) {
    name.sid = file.slice(FLAT_PREFIX.length, -FLAT_SUFFIX.length);
    name.kind = kindOfSid(name.sid);
  }
  return name.kind === null ? notSession(name, file) : name;
}

function notSession(name: SessionName, file: string): SessionName {
  name.sid = '';
  name.isTempFile = TEMP_SUFFIXES.some((suffix) => file.endsWith(suffix));
  return name;
}

/** The path below the store at which an Odoo of this layout keeps `sid`. */
export function pathOf(sid: string, layout: Layout): string {
  return layout === 'hashed' ? `${sid.slice(0, 2)}/${sid}` : `${FLAT_PREFIX}${sid}${FLAT_SUFFIX}`;
}
