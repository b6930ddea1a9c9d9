import type { Layout, SessionFacts } from '../../session.js';
import type { StoreName } from '../application.js';
import type { ConfiguredReader, ObservedSession, StoreObserver } from '../configured-reader.js';
import { parseName } from './layout.js';
import type { OdooSettings } from './odoo.js';
import { pickleProtocolOf } from './parse.js';
import { SID_KINDS, type SidKind } from './sid-kinds.js';

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

/** Odd, so that steps of it meet every shard once; golden, so that the first ones are spread over all of them. */
const SHARD_STEP = 2531;

/** The Odoo series that may have written a session, first and last. */
type SeriesRange = readonly [first: number, last: number];

interface SeenSession {
  kind: SidKind;
  series: SeriesRange;
  savedMs: number;
}

/** What a small sample of some stores shows of the Odoo that writes to them. */
export interface StoreEvidence {
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

/** Nothing seen yet. */
export function noEvidence(): StoreEvidence {
  return {
    names: new Map(),
    unknownNames: 0,
    parsed: new Map(),
    logins: new Map(),
    odoo18: 0,
    odoo19: 0,
    live: null,
    wrapped: 0,
  };
}

/** Gathers the evidence of a sample. */
export class EvidenceCollector implements StoreObserver {
  readonly settings: { odoo: OdooSettings };
  readonly #evidence = noEvidence();
  readonly #seen: SeenSession[] = [];
  #opened = new Map<SidKind, number>();
  #parsed = new Map<SidKind, number>();

  /** @param settledBy makes the reader that fits the evidence */
  constructor(
    settings: OdooSettings,
    readonly settledBy: (evidence: StoreEvidence) => ConfiguredReader,
  ) {
    this.settings = { odoo: { ...settings, sids: SID_KINDS } };
  }

  /** Shards are met in an order that spreads over all of them: an id begins with chance. */
  *directories(): Generator<string> {
    const characters = SID_CHARACTERS.length;
    const shards = characters ** 2;
    for (let i = 0; i < shards; i++) {
      const at = (i * SHARD_STEP) % shards;
      yield `${SID_CHARACTERS[Math.floor(at / characters)]}${SID_CHARACTERS[at % characters]}`;
    }
  }

  begin(): void {
    this.#opened = new Map();
    this.#parsed = new Map();
  }

  wants(path: string, name: StoreName): boolean {
    const kind = parseName(path, name).kind as SidKind | null;
    if (kind === null) {
      if (UNKNOWN_ID.test(path.slice(path.indexOf('/') + 1))) this.#evidence.unknownNames++;
      return false;
    }
    count(this.#evidence.names, kind);
    if (of(this.#parsed, kind) >= SESSIONS_TO_PARSE || of(this.#opened, kind) >= SESSIONS_TO_OPEN) return false;
    count(this.#opened, kind);
    return true;
  }

  add({ name, facts, outcome, file, value, mtimeMs }: ObservedSession): void {
    const evidence = this.#evidence;
    const kind = name.kind as SidKind;
    count(this.#parsed, kind);
    count(evidence.parsed, kind);
    if (outcome === null && facts.isAuthenticated) count(evidence.logins, kind);
    if (kind !== 'hex40' && facts.hasCreateTime) evidence.odoo19++;
    else if (kind !== 'hex40' && facts.hasTrace) evidence.odoo18++;
    if (outcome === null && facts.format === 'pickle' && value.includes(WRAPPER_MARK)) evidence.wrapped++;
    this.#seen.push({ kind, series: seriesOf(kind, name.layout, facts, pickleProtocolOf(file)), savedMs: mtimeMs });
  }

  settle(): ConfiguredReader {
    return this.settledBy({ ...this.#evidence, live: liveSeries(this.#seen) });
  }
}

/** Share of the store's logins whose ids are of these kinds, from 0 to 1; of its names where no login was seen. */
export function shareOf({ names, parsed, logins }: StoreEvidence, kinds: readonly SidKind[]): number {
  const loginsOf = (kind: SidKind) => (of(names, kind) * of(logins, kind)) / (of(parsed, kind) || 1);
  const hasLogins = [...names.keys()].some((kind) => loginsOf(kind) > 0);
  const weight = (kind: SidKind) => (hasLogins ? loginsOf(kind) : of(names, kind));
  const sum = (some: readonly SidKind[]) => some.reduce((total, kind) => total + weight(kind), 0);
  return sum(kinds) / (sum(SID_KINDS) || 1);
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
