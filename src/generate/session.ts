import type { ByteSink } from '../byte-sink.js';
import { encodePickle } from '../profiles/encodings/pickle.js';
import { encodeJson } from '../profiles/encodings/python-json.js';
import { PyDict, PyFloat, PyText, type PyValue } from '../python.js';
import type { OdooSeries } from '../source/odoo-series.js';
import type { Person } from './person.js';

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
