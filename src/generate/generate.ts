import { closeSync, futimesSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { ByteSink } from '../byte-sink.js';
import type { SidKind } from '../session.js';
import { pathOf } from '../source/layout.js';
import type { OdooSeries } from '../source/odoo-series.js';
import { leaveJunk } from './junk.js';
import { randomPerson } from './person.js';
import { fakeSid, randomFrom } from './random.js';
import { encodeSession } from './session.js';

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
 * shop in use, mtimes to match. The same seed makes the same sessions. Calls `onProgress` now and then, and yields where
 * it may be left for a moment.
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

function writeFile(path: string, bytes: Uint8Array, savedSeconds: number): void {
  const fd = openSync(path, 'w', 0o644);
  try {
    writeSync(fd, bytes);
    futimesSync(fd, savedSeconds, savedSeconds);
  } finally {
    closeSync(fd);
  }
}
