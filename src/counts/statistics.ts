import { type Application, newStoreName } from '../applications/application.js';
import { escapeBytes, fingerprintOf } from '../masking.js';
import { SIZE_CLASSES, sizeClassOf } from '../redis/memory-model.js';
import { codeOf, type Layout, OUTCOMES, type Outcome, type SessionFacts, UNSETTLED } from '../session.js';
import { type Chunk, ChunkCursor } from '../source/chunk.js';
import { type Cell, Census } from './census.js';
import { addCells, Distances } from './time-histogram.js';

/** An entry as an example of its outcome, fit to be shown: the session id is cut short, other bytes are escaped. */
export interface Example {
  source: number;
  /** Relative to the source. */
  path: string;
  /** Empty if the name is not that of a session. */
  fingerprint: string;
}

/** Keeps the first entry of each outcome, so that a report can show an example of what it counts. */
export class Examples {
  /** Indexed by the code of the outcome. */
  readonly first: (Example | null)[] = OUTCOMES.map(() => null);

  /** Takes examples from a chunk that is done; costs next to nothing once every outcome has one. */
  collect(chunk: Chunk, outcomes: Uint8Array, application: Application): void {
    for (let entry = 0; entry < outcomes.length; entry++) {
      const code = outcomes[entry] as number;
      if (code !== UNSETTLED && this.first[code] === null) this.first[code] = exampleAt(chunk, entry, application);
    }
  }

  merge(first: readonly (Example | null)[]): void {
    for (const [code, example] of first.entries()) this.first[code] ??= example;
  }
}

function exampleAt(chunk: Chunk, entry: number, application: Application): Example {
  const entries = new ChunkCursor(chunk);
  for (let i = 0; i <= entry; i++) entries.next();
  const { sid } = application.recognise(entries.path, newStoreName());
  const fingerprint = sid === '' ? '' : fingerprintOf(sid);
  return { source: chunk.source, path: application.mask(escapeBytes(entries.path), sid), fingerprint };
}

/** The sizes of directory entries, indexed by the code of their outcome: how much a clean-up would free. */
class Weights {
  readonly bytes = new Float64Array(OUTCOMES.length);
  /** The size of their file system blocks. */
  readonly allocatedBytes = new Float64Array(OUTCOMES.length);

  add(code: number, bytes: number, allocatedBytes: number): void {
    this.bytes[code] = (this.bytes[code] as number) + bytes;
    this.allocatedBytes[code] = (this.allocatedBytes[code] as number) + allocatedBytes;
  }

  merge(other: Pick<Weights, 'bytes' | 'allocatedBytes'>): void {
    for (let code = 0; code < OUTCOMES.length; code++) {
      this.add(code, other.bytes[code] as number, other.allocatedBytes[code] as number);
    }
  }
}

const HOUR_MS = 3_600_000;
/** Upper bounds of the groups of remaining lifetimes, in hours. */
export const REMAINING_HOURS = [1, 3, 24, 72, 168, Number.POSITIVE_INFINITY] as const;

/** The size and age of a session file. */
export interface FileWeight {
  size: number;
  allocatedBytes: number;
  mtimeMs: number;
}

/**
 * What a lane counts beside outcomes: the raw data of the tables of an audit, of the charts of a report and of the
 * warnings at the end of a run. Its size does not depend on the size of the store. A lane hands it to the main thread
 * once, when it ends.
 */
export class Statistics {
  readonly census = new Census();
  readonly weights = new Weights();
  readonly examples = new Examples();
  /** Time from the last save of a parsed session to `startMs`; a save in the future counts as 0. */
  readonly ages = new Distances();
  /** Remaining lifetimes of sessions that move. */
  readonly expiries = new Distances();
  /** Sessions that move, grouped by remaining lifetime ({@link REMAINING_HOURS}). */
  readonly remaining = new Float64Array(REMAINING_HOURS.length);
  /** Logins that were read and do not move, by the code of their outcome. */
  readonly loginsLeft = new Float64Array(OUTCOMES.length);
  /** Values that move, by size ({@link sizeClassOf}). */
  readonly valueSizes = new Float64Array(SIZE_CLASSES);
  /** Parsed sessions that the application itself would delete. */
  readonly overAge = { files: 0, bytes: 0, allocatedBytes: 0 };
  /** Anonymous sessions with a cart that are lost only because the reader keeps them for less time than the file. */
  lostCarts = 0;
  /** Parsed sessions over their age that stay behind although the application still accepts them, and their logins. */
  readonly lapsed = { sessions: 0, logins: 0 };
  /** When a parsed session was saved last, epoch milliseconds; 0 without one. */
  latestSaveMs = 0;

  /** @param collectedAfterMs see `StoreRules`; NaN where it isn't known */
  constructor(
    readonly startMs: number,
    readonly collectedAfterMs = Number.NaN,
  ) {}

  /** Counts a parsed session, whether it moves or not. */
  parsed(
    source: number,
    layout: Layout,
    sids: string | null,
    mark: string,
    facts: SessionFacts,
    file: FileWeight,
  ): Cell {
    const ageMs = this.startMs - file.mtimeMs;
    this.ages.add(ageMs);
    if (file.mtimeMs > this.latestSaveMs) this.latestSaveMs = file.mtimeMs;
    if (ageMs > this.collectedAfterMs) {
      this.overAge.files++;
      this.overAge.bytes += file.size;
      this.overAge.allocatedBytes += file.allocatedBytes;
    }
    return this.census.add(source, layout, sids, mark, facts, file.size, file.allocatedBytes);
  }

  /** Counts a session of `cell` that does not move. */
  stays(cell: Cell, outcome: Outcome): void {
    if (cell.sessionClass !== 'login') return;
    const code = codeOf(outcome);
    this.loginsLeft[code] = (this.loginsLeft[code] as number) + 1;
  }

  /** Counts a session of `cell` that moves. */
  moves(cell: Cell, valueBytes: number, remainingMs: number): void {
    cell.moving++;
    cell.valueBytes += valueBytes;
    const sizeClass = sizeClassOf(valueBytes);
    this.valueSizes[sizeClass] = (this.valueSizes[sizeClass] as number) + 1;
    this.expiries.add(remainingMs);
    let group = 0;
    while (remainingMs > (REMAINING_HOURS[group] as number) * HOUR_MS) group++;
    this.remaining[group] = (this.remaining[group] as number) + 1;
  }

  /** Adds the counts of another lane; `other` has no methods if it came from another thread. */
  merge(other: Omit<Statistics, 'parsed' | 'moves' | 'stays' | 'merge'>): void {
    this.census.merge(other.census.cells);
    this.weights.merge(other.weights);
    this.examples.merge(other.examples.first);
    this.ages.merge(other.ages);
    this.expiries.merge(other.expiries);
    addCells(this.remaining, other.remaining);
    addCells(this.loginsLeft, other.loginsLeft);
    addCells(this.valueSizes, other.valueSizes);
    this.overAge.files += other.overAge.files;
    this.overAge.bytes += other.overAge.bytes;
    this.overAge.allocatedBytes += other.overAge.allocatedBytes;
    this.lostCarts += other.lostCarts;
    this.lapsed.sessions += other.lapsed.sessions;
    this.lapsed.logins += other.lapsed.logins;
    this.latestSaveMs = Math.max(this.latestSaveMs, other.latestSaveMs);
  }
}

const PARSED = new Set<Outcome>(['expired', 'anonymous', 'older', 'other-db', 'rotated', 'report-clone']);

/** Whether an entry with this outcome was parsed; null stands for one that moves. */
export function isParsed(outcome: Outcome | null): boolean {
  return outcome === null || PARSED.has(outcome);
}
