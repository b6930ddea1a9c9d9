import { closeSync, futimesSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { ByteSink } from '../byte-sink.js';
import { encodePickle } from '../profiles/encodings/pickle.js';
import { encodeJson } from '../profiles/encodings/python-json.js';
import { pathOf } from '../source/layout.js';
import { leaveJunk } from './junk.js';
import { fakeSid, randomFrom } from './random.js';
import type { Series } from './series.js';
import { type Person, sessionOf } from './session.js';

const DAY_SECONDS = 86_400;
/** A store that nobody cleaned for a day: Odoo's own collection stops at seven. */
const OLDEST_DAYS = 8;
const ANONYMOUS_SHARE = 0.3;
const CART_SHARE = 0.1;
const ROTATED_SHARE = 0.01;
const REPORT_CLONE_SHARE = 0.005;

export interface GenerateOptions {
  directory: string;
  sessions: number;
  /** Further entries that are no sound sessions. */
  junk: number;
  series: readonly Series[];
  databases: readonly string[];
  seed: number;
  nowMs: number;
}

/**
 * Fills a directory with sessions as Odoo would have left them: layouts and formats of the series in turn, ages as of a
 * shop in use, mtimes to match. The same seed makes the same sessions. Calls `onProgress` now and then.
 */
export function generateStore(options: GenerateOptions, onProgress: (done: number) => void): void {
  const random = randomFrom(options.seed);
  const sink = new ByteSink(4096, 2 ** 20);
  const shards = new Set<string>();
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });

  for (let i = 0; i < options.sessions; i++) {
    const series = options.series[i % options.series.length] as Series;
    const sid = fakeSid(series.sids, options.seed, i);
    // The square makes young sessions the most frequent ones.
    const savedSeconds = options.nowMs / 1000 - random() ** 2 * OLDEST_DAYS * DAY_SECONDS;
    const person = personFrom(random, series, options, sid, savedSeconds);

    sink.length = 0;
    const session = sessionOf(series, person);
    if (series.protocol === null) encodeJson(session, 'plain', sink);
    else encodePickle(session, series.protocol, sink);

    const shard = sid.slice(0, 2);
    if (series.layout === 'hashed' && !shards.has(shard)) {
      mkdirSync(`${options.directory}/${shard}`, { recursive: true, mode: 0o755 });
      shards.add(shard);
    }
    writeFile(`${options.directory}/${pathOf(sid, series.layout)}`, sink.view(), savedSeconds);
    if (i % 10_000 === 9_999) onProgress(i + 1);
  }
  leaveJunk(options, random);
}

function personFrom(
  random: () => number,
  series: Series,
  options: GenerateOptions,
  sid: string,
  savedSeconds: number,
): Person {
  const isLogin = random() >= ANONYMOUS_SHARE;
  const share = random();
  const isRotated = series.name === '19' && isLogin && share < ROTATED_SHARE;
  return {
    uid: isLogin ? 2 + Math.floor(random() * 5000) : 0,
    hasCart: !isLogin && share < CART_SHARE,
    db: options.databases[Math.floor(random() * options.databases.length)] as string,
    createdSeconds: savedSeconds - 600,
    deletionSeconds: isRotated ? savedSeconds + 120 : null,
    isReportClone: (series.name === '18' || series.name === '19') && share > 1 - REPORT_CLONE_SHARE,
    token: sid
      .toLowerCase()
      .replace(/[^a-f0-9]/g, '0')
      .padEnd(64, '0')
      .slice(0, 64),
  };
}

function writeFile(path: string, bytes: Uint8Array, savedSeconds: number): void {
  const fd = openSync(path, 'w', 0o644);
  try {
    writeSync(fd, bytes);
    futimesSync(fd, savedSeconds, savedSeconds);
  } finally {
    closeSync(fd);
  }
}
