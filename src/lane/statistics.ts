import type { Layout, Outcome, SessionFacts, SidKind } from '../session.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Minutes of mtime that are told apart, back from the start of the run: two weeks, then everything older. */
const MINUTES = 14 * 24 * 60;

/** Upper bounds, in hours, of the groups by which remaining lifetimes are counted; the last group is open. */
export const REMAINING_HOURS = [1, 3, 24, 72, 168, Number.POSITIVE_INFINITY] as const;

/** Sessions of one layout, format and kind of sid: in practice, of one generation of Odoo. */
export interface Shape {
  layout: Layout;
  format: 'json' | 'pickle';
  sids: SidKind;
  count: number;
  authenticated: number;
  /** Sessions that move, and the bytes of their values. */
  moving: number;
  valueBytes: number;
  sourceBytes: number;
}

/**
 * What a lane saw, beyond outcomes: the raw material of audit's table and of the warnings that end a run. Crosses
 * threads once, when the lane ends.
 */
export class Statistics {
  readonly shapes: Shape[] = [];
  /** Sessions that move, by remaining lifetime ({@link REMAINING_HOURS}). */
  readonly remaining = new Float64Array(REMAINING_HOURS.length);
  /** Parsed sessions per minute of their mtime, counted back from `startMs`; the last cell holds all older ones. */
  readonly mtimeMinutes = new Uint32Array(MINUTES + 1);
  /** Anonymous carts that end only because the reader's anonymous lifetime is shorter than the file's. */
  lostCarts = 0;
  /** 84-character sessions with `_trace` but no `create_time`: the mark of Odoo 18.0. */
  odoo18 = 0;
  /** Sessions that carry `create_time`: the mark of Odoo 19.0 and later. */
  odoo19 = 0;

  constructor(readonly startMs: number) {}

  /** Counts a session that was parsed, whatever came of it. */
  parsed(layout: Layout, sids: SidKind, facts: SessionFacts, bytes: number, mtimeMs: number): Shape {
    const shape = this.#shape(layout, facts.format, sids);
    shape.count++;
    shape.sourceBytes += bytes;
    if (facts.isAuthenticated) shape.authenticated++;
    if (facts.hasCreateTime) this.odoo19++;
    else if (facts.hasTrace && sids === 'urlsafe84') this.odoo18++;
    const minute = Math.floor((this.startMs - mtimeMs) / MINUTE_MS);
    const cell = Math.max(0, Math.min(minute, MINUTES));
    this.mtimeMinutes[cell] = (this.mtimeMinutes[cell] as number) + 1;
    return shape;
  }

  /** Counts a session of `shape` that moves. */
  moves(shape: Shape, valueBytes: number, remainingMs: number): void {
    shape.moving++;
    shape.valueBytes += valueBytes;
    let group = 0;
    while (remainingMs > (REMAINING_HOURS[group] as number) * HOUR_MS) group++;
    this.remaining[group] = (this.remaining[group] as number) + 1;
  }

  /** Adds what another lane saw; `other` may have lost its methods on the way between threads. */
  merge(other: Omit<Statistics, 'parsed' | 'moves' | 'merge'>): void {
    for (const theirs of other.shapes) {
      const ours = this.#shape(theirs.layout, theirs.format, theirs.sids);
      ours.count += theirs.count;
      ours.authenticated += theirs.authenticated;
      ours.moving += theirs.moving;
      ours.valueBytes += theirs.valueBytes;
      ours.sourceBytes += theirs.sourceBytes;
    }
    other.remaining.forEach((count, group) => {
      this.remaining[group] = (this.remaining[group] as number) + count;
    });
    other.mtimeMinutes.forEach((count, minute) => {
      this.mtimeMinutes[minute] = (this.mtimeMinutes[minute] as number) + count;
    });
    this.lostCarts += other.lostCarts;
    this.odoo18 += other.odoo18;
    this.odoo19 += other.odoo19;
  }

  #shape(layout: Layout, format: 'json' | 'pickle', sids: SidKind): Shape {
    for (const shape of this.shapes) {
      if (shape.layout === layout && shape.format === format && shape.sids === sids) return shape;
    }
    const shape = { layout, format, sids, count: 0, authenticated: 0, moving: 0, valueBytes: 0, sourceBytes: 0 };
    this.shapes.push(shape);
    return shape;
  }
}

/** Whether an entry with this outcome was read and parsed. */
const PARSED = new Set<Outcome>(['expired', 'anonymous', 'older', 'other-db', 'rotated', 'report-clone']);
export function isParsed(outcome: Outcome | null): boolean {
  return outcome === null || PARSED.has(outcome);
}
