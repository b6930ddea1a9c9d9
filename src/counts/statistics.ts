import { type Application, newStoreName } from '../applications/application.js';
import { escapeBytes, fingerprintOf } from '../masking.js';
import { SIZE_CLASSES, sizeClassOf } from '../redis/memory-model.js';
import { type Layout, OUTCOMES, type Outcome, type SessionFacts, type SidKind, UNSETTLED } from '../session.js';
import { type Chunk, ChunkCursor } from '../source/chunk.js';
import { type Cell, Census } from './census.js';
import { addCells, Distances } from './time-histogram.js';

/** One entry that met an outcome, fit to be shown: the sid is cut short, and what is not printable is escaped. */
export interface Example {
  source: number;
  /** Relative to the source. */
  path: string;
  /** Empty where the name is no session's. */
  fingerprint: string;
}

/** Keeps the first entry of each outcome, so that a count at the end of a run has a face. */
export class Examples {
  /** By the code of the outcome. */
  readonly first: (Example | null)[] = OUTCOMES.map(() => null);

  /** Looks through a chunk that is settled; costs next to nothing once every outcome has its example. */
  see(chunk: Chunk, outcomes: Uint8Array, application: Application): void {
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

/** Bytes of directory entries by the code of their outcome: what a clean-up would free, and what it would cost. */
class Weights {
  readonly bytes = new Float64Array(OUTCOMES.length);
  /** Of the blocks that the file system gave to them. */
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
/**
 * Files last saved longer ago are collected by Odoo (odoo/odoo odoo/http.py, SESSION_LIFETIME), whatever a reader
 * allows.
 */
const COLLECTED_AFTER_MS = 7 * 24 * HOUR_MS;

/** Upper bounds, in hours, of the groups by which remaining lifetimes are counted; the last group is open. */
export const REMAINING_HOURS = [1, 3, 24, 72, 168, Number.POSITIVE_INFINITY] as const;

/** What of a session file the statistics are about. */
export interface FileWeight {
  size: number;
  allocatedBytes: number;
  mtimeMs: number;
}

/**
 * What a lane saw, beyond outcomes: the raw material of audit's tables, of the pictures in a report and of the warnings
 * that end a run. Its size does not depend on the store's. Crosses threads once, when the lane ends.
 */
export class Statistics {
  readonly census = new Census();
  readonly weights = new Weights();
  readonly examples = new Examples();
  /** Time since the last save of parsed sessions, back from `startMs`; the future counts as now. */
  readonly ages = new Distances();
  /** Time left to sessions that move. */
  readonly expiries = new Distances();
  /** Sessions that move, by remaining lifetime ({@link REMAINING_HOURS}). */
  readonly remaining = new Float64Array(REMAINING_HOURS.length);
  /** Values that move, by size ({@link sizeClassOf}). */
  readonly valueSizes = new Float64Array(SIZE_CLASSES);
  /** Parsed sessions that Odoo itself would collect. */
  readonly overAge = { files: 0, bytes: 0, allocatedBytes: 0 };
  /** Anonymous carts that end only because the reader's anonymous lifetime is shorter than the file's. */
  lostCarts = 0;

  constructor(readonly startMs: number) {}

  /** Counts a session that was parsed, whatever came of it. */
  parsed(source: number, layout: Layout, sids: SidKind | null, facts: SessionFacts, file: FileWeight): Cell {
    const ageMs = this.startMs - file.mtimeMs;
    this.ages.add(ageMs);
    if (ageMs > COLLECTED_AFTER_MS) {
      this.overAge.files++;
      this.overAge.bytes += file.size;
      this.overAge.allocatedBytes += file.allocatedBytes;
    }
    return this.census.add(source, layout, sids, facts, file.size, file.allocatedBytes);
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

  /** Adds what another lane saw; `other` may have lost its methods on the way between threads. */
  merge(other: Omit<Statistics, 'parsed' | 'moves' | 'merge'>): void {
    this.census.merge(other.census.cells);
    this.weights.merge(other.weights);
    this.examples.merge(other.examples.first);
    this.ages.merge(other.ages);
    this.expiries.merge(other.expiries);
    addCells(this.remaining, other.remaining);
    addCells(this.valueSizes, other.valueSizes);
    this.overAge.files += other.overAge.files;
    this.overAge.bytes += other.overAge.bytes;
    this.overAge.allocatedBytes += other.overAge.allocatedBytes;
    this.lostCarts += other.lostCarts;
  }
}

/** Whether an entry with this outcome was read and parsed. */
const PARSED = new Set<Outcome>(['expired', 'anonymous', 'older', 'other-db', 'rotated', 'report-clone']);
export function isParsed(outcome: Outcome | null): boolean {
  return outcome === null || PARSED.has(outcome);
}
