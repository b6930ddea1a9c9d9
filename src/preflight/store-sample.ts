import { FileIntake } from '../lane/journey.js';
import type { LaneSettings } from '../lane/settings.js';
import { sessionBytes } from '../plan/memory-model.js';
import { realFileSystem } from '../source/file-system.js';
import type { SurveyedName } from '../source/survey.js';
import type { EntrySize } from '../target/preflight/canary.js';

/** A session that would be written. The key holds a sid: it is never shown. */
interface MovingSession extends EntrySize {
  key: string;
}

/** What a sample of session files comes to under this run's options. */
export interface StoreSample {
  taken: number;
  moving: MovingSession[];
}

/** Takes sampled files the way a lane does, short of writing. */
export function takeSample(settings: LaneSettings, names: readonly SurveyedName[], nowMs: number): StoreSample {
  const journey = new FileIntake(realFileSystem, settings);
  const { before, after } = settings.key;
  const moving: MovingSession[] = [];
  for (const { source, path } of names) {
    if (journey.take(source, path, true, nowMs) !== null) continue;
    const key = `${before}${journey.name.sid}${after}`;
    moving.push({ key, keyBytes: Buffer.byteLength(key), valueBytes: journey.valueLength });
  }
  return { taken: names.length, moving };
}

/** Share of the sampled files that move, 0 to 1. */
export function movingShare({ taken, moving }: StoreSample): number {
  return taken === 0 ? 0 : moving.length / taken;
}

/** What MEMORY USAGE leaves out: the entry in the table of expiries, and what the allocator adds to both entries. */
const UNWEIGHED_BYTES = 40;

/** What `MEMORY USAGE` says of a session of this size, by the model. */
export function weightOf({ keyBytes, valueBytes }: EntrySize): number {
  return sessionBytes(keyBytes, valueBytes) - UNWEIGHED_BYTES;
}

/**
 * Mean bytes of memory that a moving session takes, hash tables not included; 0 where none moves.
 *
 * @param ratio of what the server weighs to what the model says; 1 for the model alone
 */
export function meanEntryBytes({ moving }: StoreSample, ratio: number): number {
  if (moving.length === 0) return 0;
  const weight = moving.reduce((sum, size) => sum + weightOf(size), 0);
  return (weight / moving.length) * ratio + UNWEIGHED_BYTES;
}
