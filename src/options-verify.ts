import type { OptionReader } from './options-reader.js';
import { parseCount, parseDurationMs } from './quantities.js';

/** Redis keeps expiries to the millisecond; a second covers readers that set theirs in whole seconds. */
const DEFAULT_EXPIRY_TOLERANCE_MS = 1000;

/** What only `verify` asks. */
export interface VerifyOptions {
  expiryToleranceMs: number;
  /** Sessions to draw; null for all. */
  sample: number | null;
}

export function readVerifyOptions(read: OptionReader): VerifyOptions {
  const everyOne = Number.MAX_SAFE_INTEGER;
  const sample = read.quantity('sample', wholeCount, 1, 'a whole number of sessions, as in 3000', everyOne);
  return {
    expiryToleranceMs: read.quantity(
      'expiry-tolerance',
      parseDurationMs,
      0,
      'a time, as in 1s or 5m',
      DEFAULT_EXPIRY_TOLERANCE_MS,
    ),
    sample: sample === everyOne ? null : sample,
  };
}

function wholeCount(text: string): number {
  const count = parseCount(text);
  return Number.isInteger(count) ? count : Number.NaN;
}
