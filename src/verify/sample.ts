import { type Application, newStoreName } from '../applications/application.js';
import type { SessionSample } from '../intake/settings.js';
import type { RejectNote } from '../intake/take-file.js';
import type { LaneSettings } from '../lane/settings.js';
import { ChunkCursor } from '../source/chunk.js';
import { walk } from '../source/walk.js';
import { realFileSystem } from '../system/file-system.js';

/** Names per turn of the event loop while sessions are counted, so that a signal is heard. */
const NAMES_AT_ONCE = 8192;

/** How many entries have the name of a session. Only lists; throws what listing throws. */
export async function countSessions(
  sources: readonly string[],
  application: Application,
  signal: AbortSignal,
): Promise<number> {
  const name = newStoreName();
  let sessions = 0;
  const chunks = walk(sources, {
    application,
    fileSystem: realFileSystem,
    maxEntries: () => NAMES_AT_ONCE,
    shards: null,
    onUnreadable: () => {},
  });
  for (const chunk of chunks) {
    const entries = new ChunkCursor(chunk);
    while (entries.next()) {
      if (entries.mayBeFile && application.recognise(entries.path, name).verdict === 'session') sessions++;
    }
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) break;
  }
  return sessions;
}

/** How sure a bound is, one-sided. */
export const CONFIDENCE = 0.95;

/** How closely the bound is told, as a part of it. */
const PRECISION = 1e-12;

/**
 * The largest share of differing sessions with which a random sample of `compared`, of which `different` differ, is not
 * surprising at {@link CONFIDENCE}: the upper limit of Clopper and Pearson (Biometrika 26, 1934), exact for any size.
 * With none that differs it is near 3 / `compared`. NaN for an empty sample.
 */
export function upperBound(different: number, compared: number): number {
  if (compared === 0) return Number.NaN;
  if (different >= compared) return 1;
  if (different === 0) return 1 - (1 - CONFIDENCE) ** (1 / compared);
  // The logarithm of the number of ways to choose those that differ.
  let logWays = 0;
  for (let i = 1; i <= different; i++) logWays += Math.log((compared - different + i) / i);
  let low = different / compared;
  let high = 1;
  while (high - low > high * PRECISION) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) break;
    if (atMost(different, compared, logWays, middle) > 1 - CONFIDENCE) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * The chance that at most `count` of `trials` meet an event of this probability, which is above `count / trials`:
 * summed up from the largest term down, as long as terms matter.
 */
function atMost(count: number, trials: number, logWays: number, probability: number): number {
  let chance = Math.exp(logWays + count * Math.log(probability) + (trials - count) * Math.log1p(-probability));
  let sum = chance;
  for (let i = count; i > 0 && chance > sum * Number.EPSILON; i--) {
    chance *= (i / (trials - i + 1)) * ((1 - probability) / probability);
    sum += chance;
  }
  return sum;
}

/** What a lane of verify is started with. */
export interface VerifySettings extends LaneSettings {
  /** Expiries that lie no further apart count as the same. */
  expiryToleranceMs: number;
  /** What was saved before is on record, epoch milliseconds; -Infinity where nothing is. */
  recordedUntilMs: number;
  /** Null: every session is looked at. */
  sample: SessionSample | null;
}

/** The `source` of a chunk that holds session ids of keys, and of a note about a key without a file. */
export const KEYS = -1;

/**
 * What is different about one session, fit to be shown. For a key without a file, `source` is {@link KEYS} and `path`
 * the key, its sid cut short.
 */
export type DifferenceNote = RejectNote;
