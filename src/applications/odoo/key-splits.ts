import { kindOfSid } from './layout.js';
import type { SidKind } from './sid-kinds.js';

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
 * `erp_session_`) leaves more than one: only other keys can tell which is right, see `keyFormsOf`.
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

/** Keys that are alike but for the id. */
export interface KeyForm {
  before: string;
  after: string;
  kinds: Set<SidKind>;
  keys: string[];
}

/** From so many keys on, what they have in common in front of an id is no accident. */
const ENOUGH_KEYS = 3;

/**
 * Groups keys by what stands around their id. A wrong way of cutting leaves a few characters of the id in `before`, so
 * hardly any two keys agree in it: the cut with the most keys wins, and among those the one with the longest `before`.
 */
export function keyFormsOf(keys: Iterable<string>): KeyForm[] {
  const splits = new Map([...keys].map((key) => [key, splitsOf(key)]));
  const counts = new Map<string, number>();
  for (const ways of splits.values()) {
    for (const way of ways) counts.set(wordOf(way), (counts.get(wordOf(way)) ?? 0) + 1);
  }
  const templates = new Map<string, KeyForm>();
  for (const [key, ways] of splits) {
    const best = bestOf(ways, counts);
    if (best === undefined) continue;
    const { before, after, kind } = best;
    const place = JSON.stringify([before, after]);
    const template = templates.get(place) ?? { before, after, kinds: new Set(), keys: [] };
    template.kinds.add(kind);
    template.keys.push(key);
    templates.set(place, template);
  }
  return [...templates.values()].sort((a, b) => b.keys.length - a.keys.length);
}

function bestOf(ways: readonly KeySplit[], counts: ReadonlyMap<string, number>): KeySplit | undefined {
  const count = (way: KeySplit) => counts.get(wordOf(way)) ?? 0;
  return [...ways].sort((a, b) => {
    if (count(a) !== count(b)) return count(b) - count(a);
    const byLength = b.before.length - a.before.length;
    return count(a) >= ENOUGH_KEYS ? byLength : -byLength;
  })[0];
}

function wordOf({ before, after, kind }: KeySplit): string {
  return JSON.stringify([before, after, kind]);
}
