import {
  closeSync,
  futimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { makeSession, makeSid } from '../applications/made-session.js';
import { encodeSession, fakeSid, randomFrom, randomPerson } from '../applications/odoo/fake-session.js';
import { pathOf } from '../applications/odoo/layout.js';
import type { OdooSeries } from '../applications/odoo/series.js';
import type { TemplatedApplication } from '../applications/templated.js';
import { ByteSink } from '../python/sink.js';
import type { SidKind } from '../session.js';

/** Counted on from here, so that junk never has the id of a session. */
const FIRST_JUNK_INDEX = 2 ** 40;
const HUGE_BYTES = 16 * 2 ** 20;

type Junk = (root: string, sid: string, series: OdooSeries, path: string) => string;

/** What real session directories hold besides sessions; each makes one entry and returns its path. */
const KINDS: readonly Junk[] = [
  (root, sid, series) => file(`${root}/tmp${sid.slice(0, 8)}${series.tempSuffix}`, '{"db": "shop", "ui'),
  (_root, _sid, _series, path) => file(path, ''),
  (_root, _sid, _series, path) => file(path, '{"db": "shop", "uid": 7, "login": "user7@example.com", "context": {"la'),
  // A pickle that would run a command: GLOBAL os.system, a string, TUPLE1, REDUCE, STOP.
  (_root, _sid, _series, path) => file(path, '\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.'),
  (root, sid) => file(`${root}/werkzeug_${sid.slice(0, 40)}_${'0'.repeat(32)}.file`, 'an upload'),
  (root, sid) => file(`${root}/.nfs${sid.slice(0, 16)}`, 'deleted while open'),
  (root, sid) => file(`${root}/README-${sid.slice(0, 8)}.txt`, 'hands off'),
  (_root, _sid, _series, path) => {
    symlinkSync('/nowhere', path);
    return '';
  },
  (_root, _sid, _series, path) => {
    file(path, '');
    truncateSync(path, HUGE_BYTES);
    return path;
  },
];

/** Adds `options.junk` entries, each kind in turn; yields between them. */
function* leaveJunk(options: GenerateOptions, random: () => number): Generator<void, void> {
  for (let i = 0; i < options.junk; i++) {
    const series = options.series[i % options.series.length] as OdooSeries;
    const sid = fakeSid(series.sids, options.seed, FIRST_JUNK_INDEX + i);
    const path = `${options.directory}/${pathOf(sid, series.layout)}`;
    if (series.layout === 'hashed') mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
    const make = KINDS[i % KINDS.length] as Junk;
    const made = make(options.directory, sid, series, path);
    const savedSeconds = options.nowMs / 1000 - random() * 86_400;
    if (made !== '') utimesSync(made, savedSeconds, savedSeconds);
    yield;
  }
}

function file(path: string, content: string): string {
  writeFileSync(path, content, 'latin1');
  return path;
}

const DAY_SECONDS = 86_400;
/** A store that nobody cleaned for a day: Odoo's own collection stops at seven. */
const OLDEST_DAYS = 8;
/** One in so many has an id of the series before, where that lives on. */
const SESSIONS_PER_INHERITED = 4;

/** Few enough for a signal to be heard soon. */
const SESSIONS_PER_TURN = 100;

export interface GenerateOptions {
  directory: string;
  sessions: number;
  /** Further entries that are no sound sessions. */
  junk: number;
  series: readonly OdooSeries[];
  databases: readonly string[];
  seed: number;
  nowMs: number;
}

/**
 * Fills a directory with sessions as Odoo would have left them: layouts and formats of the series in turn, ages as of a
 * shop in use, mtimes to match. The same seed makes the same sessions. Calls `onProgress` now and then, and yields
 * where it may be left for a moment.
 */
export function* generateStore(options: GenerateOptions, onProgress: (done: number) => void): Generator<void, void> {
  const random = randomFrom(options.seed);
  const sink = new ByteSink(4096, 2 ** 20);
  const shards = new Set<string>();
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });

  for (let i = 0; i < options.sessions; i++) {
    const series = options.series[i % options.series.length] as OdooSeries;
    const isInherited = series.inherited !== undefined && i % SESSIONS_PER_INHERITED === 0;
    const sid = fakeSid(isInherited ? (series.inherited as SidKind) : series.sids, options.seed, i);
    // The square makes young sessions the most frequent ones.
    const savedSeconds = options.nowMs / 1000 - random() ** 2 * OLDEST_DAYS * DAY_SECONDS;
    const person = randomPerson(random, series, options.databases, sid, savedSeconds);

    sink.length = 0;
    encodeSession(series, person, sink);

    const shard = sid.slice(0, 2);
    if (series.layout === 'hashed' && !shards.has(shard)) {
      mkdirSync(`${options.directory}/${shard}`, { recursive: true, mode: 0o755 });
      shards.add(shard);
    }
    writeFile(`${options.directory}/${pathOf(sid, series.layout)}`, sink.view(), savedSeconds);
    if (i % 10_000 === 9_999) onProgress(i + 1);
    if (i % SESSIONS_PER_TURN === 0) yield;
  }
  yield* leaveJunk(options, random);
}

function writeFile(path: string, bytes: Uint8Array, savedSeconds: number, mode = 0o644): void {
  const fd = openSync(path, 'w', mode);
  try {
    writeSync(fd, bytes);
    futimesSync(fd, savedSeconds, savedSeconds);
  } finally {
    closeSync(fd);
  }
}

/** So many of a hundred sessions are logins. */
const LOGIN_SHARE = 0.7;
/** The lifetime of sessions whose content says when they end. */
const CART_SHARE = 0.1;
const USUAL_LIFETIME_MS = 2 * 3_600_000;
const MOST_FILLER = 600;

/** The same for an application that a template describes, without junk. */
export function* generateTemplated(
  { directory, sessions, seed, nowMs }: Pick<GenerateOptions, 'directory' | 'sessions' | 'seed' | 'nowMs'>,
  application: TemplatedApplication,
  onProgress: (done: number) => void,
): Generator<void, void> {
  const random = randomFrom(seed);
  const { settings, store, factNames, lifetimesMs } = application;
  const [lifetimeMs = USUAL_LIFETIME_MS] = lifetimesMs;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (let i = 0; i < sessions; i++) {
    const sid = makeSid(settings.template, random);
    const path = application.pathOf(sid);
    const savedMs = Math.floor(nowMs - random() ** 2 * lifetimeMs * 1.1);
    const bytes = makeSession(settings, {
      facts: factNames.filter((name) => random() < (name === 'login' ? LOGIN_SHARE : CART_SHARE)),
      user: 1 + Math.floor(random() * 5000),
      filler: 'x'.repeat(Math.floor(random() * MOST_FILLER)),
      savedMs,
      endsMs: savedMs + lifetimeMs,
    });
    if (store.levels > 0) mkdirSync(`${directory}/${path.slice(0, path.lastIndexOf('/'))}`, { recursive: true });
    writeFile(`${directory}/${path}`, bytes, savedMs / 1000, store.mode);
    if (i % 10_000 === 9_999) onProgress(i + 1);
    if (i % SESSIONS_PER_TURN === 0) yield;
  }
}
