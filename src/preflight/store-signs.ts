import { odooSettingsOf } from '../applications/application-of.js';
import { parseName } from '../applications/odoo/layout.js';
import { pickleProtocolOf } from '../applications/odoo/parse.js';
import { isParsed } from '../counts/statistics.js';
import type { LaneSettings } from '../intake/settings.js';
import { FileIntake } from '../intake/take-file.js';
import { type Layout, type SessionFacts, SID_KINDS, type SidKind } from '../session.js';
import { Listing, mayBeFile } from '../source/store-root.js';
import { errorCode } from '../system/errno.js';
import { realFileSystem } from '../system/file-system.js';

/** Bounds of the look at a store, which takes some 50 ms whatever its size. */
const MAX_ROOT_NAMES = 5_000;
const NAMES_PER_SHARD = 32;
const MAX_SHARD_NAMES = 16_384;
/** Of each kind of id, in the root of a store and in its shards. */
const SESSIONS_TO_PARSE = 100;
const SESSIONS_TO_OPEN = 1_000;

/** What a shard's name is made of. */
const SID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-';
/** An id of a length that no Odoo makes which is known here, alone or as flat layouts name it. */
const UNKNOWN_ID = /^(?:werkzeug_)?[\w-]{32,}(?:\.sess)?$/;

const WRAPPER_MARK = Buffer.from('"_type"');

/** The most recent saves, by which the Odoo that runs now is told from leftovers. */
const RECENT = 25;

/** The Odoo series that may have written a session, first and last. */
type SeriesRange = readonly [first: number, last: number];

interface SeenSession {
  kind: SidKind;
  series: SeriesRange;
  savedMs: number;
}

/** What a small sample of some stores shows of the Odoo that writes to them. */
export interface StoreSigns {
  /** Names seen, by the kind of their ids, and those that look like ids of another kind. */
  names: Map<SidKind, number>;
  unknownNames: number;
  /** Sessions that were parsed, and of these the logins that would move, by kind. */
  parsed: Map<SidKind, number>;
  logins: Map<SidKind, number>;
  /** Sessions that only Odoo 18.0 writes (`_trace`, no `create_time`), and those of 19.0 and later. */
  odoo18: number;
  odoo19: number;
  /** The series that saved last; null where nothing could be parsed. */
  live: SeriesRange | null;
  /** Sessions whose copies hold camptocamp's wrappers, because they have a datetime, a date or a set. */
  wrapped: number;
}

/**
 * Looks at the root of each store and into its shards separately: the root of an upgraded store may begin with millions
 * of flat leftovers. Yields where it may be left for a moment.
 */
export function* signsOf(settings: LaneSettings): Generator<void, StoreSigns> {
  const signs: StoreSigns = {
    names: new Map(),
    unknownNames: 0,
    parsed: new Map(),
    logins: new Map(),
    odoo18: 0,
    odoo19: 0,
    live: null,
    wrapped: 0,
  };
  // A template says all of its reader.
  if (!('odoo' in settings.application)) return signs;
  const seen: SeenSession[] = [];
  const intake = new FileIntake(realFileSystem, {
    ...settings,
    application: { odoo: { ...odooSettingsOf(settings), sids: SID_KINDS } },
    shard: null,
  });
  const nowMs = Date.now();
  for (const [source, root] of settings.sources.entries()) {
    for (const paths of [fileNames(root, MAX_ROOT_NAMES), shardPaths(root)]) {
      const opened = new Map<SidKind, number>();
      const parsed = new Map<SidKind, number>();
      for (const path of paths) {
        yield;
        if (path === null) continue;
        const { kind } = parseName(path, intake.name);
        if (kind === null) {
          if (UNKNOWN_ID.test(path.slice(path.indexOf('/') + 1))) signs.unknownNames++;
          continue;
        }
        count(signs.names, kind);
        if (of(parsed, kind) >= SESSIONS_TO_PARSE || of(opened, kind) >= SESSIONS_TO_OPEN) continue;
        count(opened, kind);
        // Sessions that stay behind for another reason say nothing about this reader.
        const outcome = intake.take(source, path, true, nowMs);
        if (!isParsed(outcome) || outcome === 'other-db') continue;
        const { facts, reader, name } = intake;
        count(parsed, kind);
        count(signs.parsed, kind);
        if (outcome === null && facts.isAuthenticated) count(signs.logins, kind);
        if (kind !== 'hex40' && facts.hasCreateTime) signs.odoo19++;
        else if (kind !== 'hex40' && facts.hasTrace) signs.odoo18++;
        if (outcome === null && facts.format === 'pickle' && holdsWrapper(intake)) signs.wrapped++;
        const protocol = pickleProtocolOf(reader.buffer);
        seen.push({ kind, series: seriesOf(kind, name.layout, facts, protocol), savedMs: reader.mtimeMs });
      }
    }
  }
  signs.live = liveSeries(seen);
  return signs;
}

/** Share of the store's logins whose ids are of these kinds, from 0 to 1; of its names where no login was seen. */
export function shareOf({ names, parsed, logins }: StoreSigns, kinds: readonly SidKind[]): number {
  const loginsOf = (kind: SidKind) => (of(names, kind) * of(logins, kind)) / (of(parsed, kind) || 1);
  const hasLogins = [...names.keys()].some((kind) => loginsOf(kind) > 0);
  const weight = (kind: SidKind) => (hasLogins ? loginsOf(kind) : of(names, kind));
  const sum = (some: readonly SidKind[]) => some.reduce((total, kind) => total + weight(kind), 0);
  return sum(kinds) / (sum(SID_KINDS) || 1);
}

function holdsWrapper({ value, valueLength }: FileIntake): boolean {
  return value.subarray(0, valueLength).includes(WRAPPER_MARK);
}

function count(map: Map<SidKind, number>, kind: SidKind): void {
  map.set(kind, of(map, kind) + 1);
}

function of(map: ReadonlyMap<SidKind, number>, kind: SidKind): number {
  return map.get(kind) ?? 0;
}

/** Which series write such a file (docs/odoo.md). */
function seriesOf(kind: SidKind, layout: Layout, facts: SessionFacts, protocol: number): SeriesRange {
  if (kind === 'urlsafe86') return [20, 20];
  if (kind === 'urlsafe84') {
    if (facts.hasCreateTime) return facts.hasTrace ? [19, 19] : [19, 20];
    return facts.hasTrace ? [18, 18] : [18, 20];
  }
  // Odoo 16 and later rename flat files into shards as they are.
  if (layout === 'hashed') return [16, 17];
  if (facts.format === 'json') return [17, 17];
  return protocol <= 2 ? [8, 10] : [11, 15];
}

/** The latest series among the last saves, unless so few are of it that they may be anybody's. */
function liveSeries(seen: readonly SeenSession[]): SeriesRange | null {
  const recent = [...seen].sort((a, b) => b.savedMs - a.savedMs).slice(0, RECENT);
  const least = Math.ceil(recent.length / 10);
  const often = recent.filter(({ series }) => recent.filter((other) => other.series[0] === series[0]).length >= least);
  const [latest] = often.sort((a, b) => b.series[0] - a.series[0] || b.series[1] - a.series[1]);
  return latest?.series ?? null;
}

/** Odd, so that steps of it meet every shard once; golden, so that the first ones are spread over all of them. */
const SHARD_STEP = 2531;

/**
 * Names of some files of the shards that are there, as many as make a fair sample, and null for each that was looked
 * into. Shards are met in an order that spreads over all of them: an id begins with chance.
 */
function* shardPaths(root: string): Generator<string | null> {
  const characters = SID_CHARACTERS.length;
  const shards = characters ** 2;
  let left = MAX_SHARD_NAMES;
  for (let i = 0; i < shards && left > 0; i++) {
    const at = (i * SHARD_STEP) % shards;
    const shard = `${SID_CHARACTERS[Math.floor(at / characters)]}${SID_CHARACTERS[at % characters]}`;
    for (const name of fileNames(`${root}/${shard}`, NAMES_PER_SHARD)) {
      left--;
      yield `${shard}/${name}`;
    }
    yield null;
  }
}

function* fileNames(directory: string, most: number): Generator<string> {
  let names: Listing | null = null;
  try {
    names = new Listing(realFileSystem, directory, most);
    for (let seen = 0; seen < most && names.next(); seen++) if (mayBeFile(names)) yield names.name;
  } catch (error) {
    // Most of the 4096 shards may not exist, and one that can't be read is the walk's to report.
    if (errorCode(error) === '') throw error;
  } finally {
    names?.close();
  }
}
