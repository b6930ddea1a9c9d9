import { hash } from 'node:crypto';
import { encodeJson } from '../../python/json-write.js';
import { encodePickle } from '../../python/pickle/write.js';
import type { ByteSink } from '../../python/sink.js';
import { PyDict, PyFloat, PyText, type PyValue } from '../../python/values.js';
import type { OdooSeries } from './series.js';
import type { SidKind } from './sid-kinds.js';

const LANGUAGES = ['en_US', 'fr_BE', 'de_DE', 'nl_NL', 'es_ES'];
const ZONES = ['Europe/Brussels', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];

/**
 * The session dict that an Odoo of this series saves for a person, keys in its order (odoo/http.py,
 * get_default_session and finalize of each release).
 */
export function sessionOf(series: OdooSeries, person: Person): PyDict {
  const isLogin = person.uid > 0;
  const uid = isLogin ? person.uid : null;
  const login = isLogin ? `user${person.uid}@example.com` : null;
  const number = Number(series.name);
  const contextOfLogin: [string, PyValue][] = [
    ['lang', LANGUAGES[person.uid % LANGUAGES.length] as string],
    ['tz', ZONES[person.uid % ZONES.length] as string],
    ['uid', person.uid],
  ];
  const context = dict(series, isLogin ? contextOfLogin : [['lang', 'en_US']]);
  const members: [string, PyValue][] = [
    ['db', person.db],
    ['uid', uid],
    ['login', login],
  ];
  if (number <= 9) members.push(['password', isLogin ? 'not-a-password' : null]);
  else members.push(['session_token', isLogin ? person.token : null]);
  members.push(['context', context]);
  if (number >= 13) members.push(['debug', '']);
  if (number <= 15) members.push(['saved_actions', savedActions(series)]);
  if (number === 18 || number === 19) members.push(['_trace', []]);
  if (number >= 19) members.push(['create_time', new PyFloat(person.createdSeconds)]);
  if (number >= 20) members.push(['_devices', dict(series, [])]);
  if (person.hasCart) members.push(['sale_order_id', 1000 + person.uid], ['website_sale_current_pl', 1]);
  if (person.isReportClone) members.push(['_trace_disable', true]);
  if (person.deletionSeconds !== null) members.push(['deletion_time', new PyFloat(person.deletionSeconds)]);
  return dict(series, members);
}

/** Appends the bytes of the file that an Odoo of this series saves for a person. */
export function encodeSession(series: OdooSeries, person: Person, sink: ByteSink): void {
  const session = sessionOf(series, person);
  if (series.protocol === null) encodeJson(session, 'plain', sink);
  else encodePickle(session, series.protocol, sink);
}

/** The web client's remembered actions (Odoo <= 15): a dict whose keys are ints. */
function savedActions(series: OdooSeries): PyDict {
  const actions = new PyDict();
  actions.set(1, dict(series, [['type', 'ir.actions.client']]));
  return dict(series, [
    ['next', 2],
    ['actions', actions],
  ]);
}

function dict(series: OdooSeries, members: readonly [string, PyValue][]): PyDict {
  const made = new PyDict();
  for (const [key, value] of members) made.set(series.isPython2 ? new PyText(key) : key, value);
  return made;
}

const ANONYMOUS_SHARE = 0.3;
const CART_SHARE = 0.1;
const ROTATED_SHARE = 0.01;
const REPORT_CLONE_SHARE = 0.005;

/** What is random about a session. */
export interface Person {
  /** 0 for a visitor without a login. */
  uid: number;
  hasCart: boolean;
  db: string;
  createdSeconds: number;
  /** Set on a session that Odoo 19 replaced by a newer id. */
  deletionSeconds: number | null;
  isReportClone: boolean;
  /** Stands for the HMAC that Odoo puts in: 64 hex characters that verify nothing. */
  token: string;
}

/** A person as a shop in use has them; the sid makes the token, `random` everything else. */
export function randomPerson(
  random: () => number,
  series: OdooSeries,
  databases: readonly string[],
  sid: string,
  savedSeconds: number,
): Person {
  const isLogin = random() >= ANONYMOUS_SHARE;
  const share = random();
  const isRotated = series.name === '19' && isLogin && share < ROTATED_SHARE;
  return {
    uid: isLogin ? 2 + Math.floor(random() * 5000) : 0,
    hasCart: !isLogin && share < CART_SHARE,
    db: databases[Math.floor(random() * databases.length)] as string,
    createdSeconds: savedSeconds - 600,
    deletionSeconds: isRotated ? savedSeconds + 120 : null,
    isReportClone: (series.name === '18' || series.name === '19') && share > 1 - REPORT_CLONE_SHARE,
    token: sid
      .slice(0, 64)
      .toLowerCase()
      .replace(/[^a-f0-9]/g, '0')
      .padEnd(64, '0'),
  };
}

/** A session id of the wanted kind that opens nothing: a digest of the seed and a counter. */
export function fakeSid(kind: SidKind, seed: number, index: number): string {
  const text = `sess2redis generate ${seed} ${index}`;
  if (kind === 'hex40') return hash('sha1', text, 'hex');
  const digest = hash('sha512', text, 'buffer');
  return digest.subarray(0, kind === 'urlsafe84' ? 63 : 64).toString('base64url');
}
