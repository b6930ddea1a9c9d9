import type { SidKind } from '../session.js';
import { kindOfSid } from '../source/layout.js';

/** A key taken apart: what a reader puts before and after the session id, one character per byte. */
export interface KeySplit {
  before: string;
  after: string;
  kind: SidKind;
}

/** The last run in a key that is long enough to be an id. */
const LAST_RUN = /([\w-]{40,})([^\w-]*(?:[^\w-][\w-]{0,39})*)$/;
const LENGTHS = [40, 84, 86] as const;

/**
 * Every way in which a key may hold an id at the end of its last long run. A prefix without a separator (MuK's, or
 * `erp_session_`) leaves more than one: only other keys can tell which is right, see `templatesOf`.
 */
export function splitsOf(key: string): KeySplit[] {
  const match = LAST_RUN.exec(key);
  if (match === null) return [];
  const [, run = '', after = ''] = match;
  const before = key.slice(0, match.index);
  const splits: KeySplit[] = [];
  for (const length of LENGTHS) {
    const kind = run.length < length ? null : kindOfSid(run.slice(-length));
    if (kind !== null) splits.push({ before: before + run.slice(0, -length), after, kind });
  }
  // Forty hexadecimal digits in a row are no accident of a longer id.
  return splits.some(({ kind }) => kind === 'hex40') ? splits.filter(({ kind }) => kind === 'hex40') : splits;
}
