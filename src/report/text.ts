import type { RejectNote } from '../lane/journey.js';
import { REMAINING_HOURS, type Shape, type Statistics } from '../lane/statistics.js';
import { formatBytes, formatCount, formatDuration } from '../quantities.js';
import { OUTCOMES, type Outcome, type OutcomeClass } from '../session.js';
import type { Summary } from './summary.js';

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
};

const CLASS_TITLES: Readonly<Record<OutcomeClass, string>> = {
  moved: 'moved',
  kept: 'kept',
  skip: 'skipped',
  reject: 'rejected',
};

/** A table: the columns named in `right` are aligned to the right. */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (right.includes(i) ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)));
  return rows.map((row) => `  ${line(row).join('  ')}`.trimEnd()).join('\n');
}

/** The end of a run, for a person to read in ten seconds. */
export function renderSummary(summary: Summary): string {
  const rows: string[][] = [];
  for (const kind of ['moved', 'kept', 'skip', 'reject'] as const) {
    const members = OUTCOMES.filter(([outcome, of]) => of === kind && summary.outcomes[outcome] !== undefined);
    members.forEach(([outcome], i) => {
      const word = summary.dryRun && outcome === 'written' ? 'would be written' : MEANINGS[outcome];
      rows.push([i === 0 ? CLASS_TITLES[kind] : '', outcome, formatCount(summary.outcomes[outcome] ?? 0), word]);
    });
  }
  rows.push(['listed', '', formatCount(summary.listed), '']);
  if (summary.unsettled > 0)
    rows.push(['open', '', formatCount(summary.unsettled), 'fate unknown: run again to settle']);
  const pace = `${formatDuration(summary.elapsedMs)}, ${formatCount(summary.entriesPerSecond)} entries/s`;
  const memory = `${formatBytes(summary.peakRssBytes)} memory`;
  const bytes = `${formatBytes(summary.sourceBytes)} read, ${formatBytes(summary.valueBytes)} of values`;
  return `${table(rows, [2])}\n  ${pace}, ${bytes}, ${memory}`;
}

/** Some rejects, one row each, and how many more there are. */
export function renderRejects(notes: readonly RejectNote[], total: number, sources: readonly string[]): string {
  const sorted = [...notes].sort((a, b) => a.outcome.localeCompare(b.outcome));
  const rows = sorted.map((note) => [note.outcome, describePath(note, sources), describeReason(note)]);
  const more = total - notes.length;
  return `${table(rows)}${more > 0 ? `\n  and ${formatCount(more)} more` : ''}`;
}

export function describePath(note: RejectNote, sources: readonly string[]): string {
  return `${sources[note.source]}/${note.path}`;
}

export function describeReason({ reason, offset }: RejectNote): string {
  return offset < 0 ? reason : `${reason} (byte ${offset})`;
}

const SHAPE_ODOO: Readonly<Record<string, string>> = {
  'flat pickle hex40': 'Odoo 8 to 15',
  'hashed pickle hex40': 'Odoo 16, 17',
  'hashed json hex40': 'Odoo 17.2 to 17.4',
  'hashed json urlsafe84': 'Odoo 18, 19',
  'hashed json urlsafe86': 'after Odoo 19',
};

/** What the store is made of, one row per generation of Odoo. */
export function renderShapes(statistics: Statistics): string {
  const rows = [['layout', 'format', 'id', 'as written by', 'sessions', 'logins', 'would move', 'on disk', 'in Redis']];
  for (const shape of [...statistics.shapes].sort((a, b) => b.count - a.count)) {
    rows.push([
      shape.layout,
      shape.format,
      shape.sids === 'hex40' ? '40 hex' : `${shape.sids.slice(-2)} chars`,
      odooOf(shape),
      formatCount(shape.count),
      formatCount(shape.authenticated),
      formatCount(shape.moving),
      formatBytes(shape.sourceBytes),
      formatBytes(shape.valueBytes),
    ]);
  }
  return table(rows, [4, 5, 6, 7, 8]);
}

export function odooOf({ layout, format, sids }: Shape): string {
  return SHAPE_ODOO[`${layout} ${format} ${sids}`] ?? 'an upgrade in between';
}

/** How long the sessions that move will live. */
export function renderRemaining(statistics: Statistics): string {
  const names = REMAINING_HOURS.map((hours, i) => {
    if (hours === Number.POSITIVE_INFINITY)
      return `more than ${formatDuration((REMAINING_HOURS[i - 1] as number) * 3.6e6)}`;
    return `up to ${formatDuration(hours * 3.6e6)}`;
  });
  const rows = names.map((name, i) => [name, formatCount(statistics.remaining[i] as number)]);
  return table(
    rows.filter((_, i) => statistics.remaining[i] !== 0),
    [1],
  );
}
