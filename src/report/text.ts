import type { RejectNote } from '../intake/take-file.js';
import type { Outcome, OutcomeClass } from '../session.js';

/** What each outcome means, in words for the end of a run. */
export const MEANINGS: Readonly<Record<Outcome, string>> = {
  written: 'now in Redis',
  updated: 'replaced in Redis',
  same: 'was there already, with the same value',
  kept: "the key holds another value: Odoo's word wins",
  expired: 'past its lifetime',
  anonymous: 'no login (--anonymous skip)',
  older: 'older than --max-age',
  'other-db': 'of another database (--odoo-db)',
  'temp-file': 'a save that Odoo never finished',
  foreign: 'not a session file',
  'other-shard': 'another --shard takes it',
  rotated: 'replaced by a newer id, its two minutes are over',
  dead: 'an id, or a flat file, that the reader never looks at',
  'report-clone': 'left over from a PDF report, must not live on',
  vanished: 'gone before it was read: logged out or renewed meanwhile',
  unchanged: 'not changed since the last pass',
  empty: 'a file of zero bytes',
  malformed: 'neither a sound pickle nor a sound JSON object',
  unsupported: 'holds a type that the reader cannot have',
  'too-large': 'over --max-file-size',
  unreadable: 'could not be read',
  match: 'the same in Redis, until the same moment',
  newer: 'rewritten by Odoo since: its word wins',
  'redis-only': 'begun by Odoo in Redis: no file, and not ours',
  differs: 'another value in Redis',
  missing: 'no key in Redis',
  'expiry-drift': 'ends at another moment than its file',
  extra: 'a key without a file',
  'not-sampled': 'not drawn by --sample',
  unwritable: 'could not be written',
  torn: 'was being written: the next pass takes it',
};

export const CLASS_TITLES: Readonly<Record<OutcomeClass, string>> = {
  moved: 'moved',
  kept: 'kept',
  skip: 'skipped',
  reject: 'rejected',
  verified: 'sound',
  difference: 'different',
};

/** A table: the columns named in `right` are aligned to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)));
  return rows.map((row) => `  ${line(row).join('  ')}`.trimEnd()).join('\n');
}

export function describePath(note: RejectNote, sources: readonly string[]): string {
  return `${sources[note.source]}/${note.path}`;
}

export function describeReason({ reason, offset }: RejectNote): string {
  return offset < 0 ? reason : `${reason} (byte ${offset})`;
}

/** How text is set off on a terminal that shows colours; plain text everywhere else. */
export interface Styles {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

const wrap =
  (on: number, off: number) =>
  (text: string): string =>
    text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`;
const same = (text: string): string => text;

// The sixteen colours that every terminal has, so that the operator's own theme decides what they look like.
const COLOURED: Styles = {
  bold: wrap(1, 22),
  dim: wrap(2, 22),
  good: wrap(32, 39),
  bad: wrap(31, 39),
  warn: wrap(33, 39),
};
export const PLAIN: Styles = { bold: same, dim: same, good: same, bad: same, warn: same };

export function stylesFor(isColoured: boolean): Styles {
  return isColoured ? COLOURED : PLAIN;
}
