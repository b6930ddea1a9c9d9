import { detectedReaderOf } from './odoo/detected-reader.js';
import { type KeyForm, splitsOf } from './odoo/key-splits.js';
import { formatsOf } from './odoo/match-profile.js';

/** What tells, by keys and values that are in Redis, which of the readers that have profiles wrote them. */
export { type DetectedReader, mergeDetectedReaders } from './odoo/detected-reader.js';
export { keyFormsOf } from './odoo/key-splits.js';

/** Whether a key may hold the id of a session of such a reader. */
export function mayHoldId(key: string): boolean {
  return splitsOf(key).length > 0;
}

/**
 * The reader of keys of one form; null where they are no sessions.
 * @param values one for each key, null where none could be read
 * @param livesMs what is left of each key's life, below zero where that is unknown
 * @param extrapolation keys per key looked at
 */
export function readerOfKeys(
  form: KeyForm,
  values: readonly (Buffer | null)[],
  livesMs: readonly number[],
  database: number,
  extrapolation: number,
): ReturnType<typeof detectedReaderOf> {
  return detectedReaderOf(form, formatsOf(values, livesMs), database, extrapolation);
}
