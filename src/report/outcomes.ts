import type { Example } from '../counts/statistics.js';
import type { RejectNote } from '../intake/take-file.js';
import { classOf, codeOf, OUTCOMES, type Outcome, type OutcomeClass } from '../session.js';
import { formatBytes, formatCount, formatDuration } from '../units.js';
import { columnsOf, type ExampleCell, type Note, type Section, type TextLine, type Tone } from './section.js';
import type { Summary } from './summary.js';

/** What each outcome means, as a row of a report says it. */
export const MEANINGS: Readonly<Record<Outcome, string>> = {
  written: 'now in Redis',
  updated: 'replaced in Redis',
  same: 'was there already, with the same value',
  kept: "the key holds another value: the application's word wins",
  expired: 'past its lifetime',
  anonymous: 'no login (--anonymous skip)',
  older: 'older than --max-age',
  'other-db': 'of another database (--odoo-db)',
  'temp-file': 'a save that was never finished',
  foreign: 'not a session file',
  'other-shard': 'another --shard takes it',
  rotated: 'replaced by a newer id, its two minutes are over',
  dead: 'an id, or a flat file, that the reader never looks at',
  'report-clone': 'left over from a PDF report, must not live on',
  vanished: 'gone before it was read: logged out or renewed meanwhile',
  unchanged: 'not changed since the last pass',
  empty: 'a file of zero bytes',
  malformed: 'its content is not whole, or no session',
  unsupported: 'holds a type that the reader cannot have',
  'too-large': 'over --max-file-size',
  unreadable: 'could not be read',
  match: 'the same in Redis, until the same moment',
  newer: "rewritten in Redis since: the application's word wins",
  'redis-only': 'begun in Redis by the application: no file, and not ours',
  differs: 'another value in Redis',
  missing: 'no key in Redis',
  'expiry-drift': 'ends at another moment than its file',
  extra: 'a key without a file',
  'not-sampled': 'not drawn by --sample',
  unwritable: 'could not be written',
  torn: 'was being written: the next pass takes it',
};

/** The classes in the order of the report, with the words that it uses for them. */
const CLASSES: readonly (readonly [OutcomeClass, title: string, Tone])[] = [
  ['moved', 'moved', 'good'],
  ['kept', 'kept', 'neutral'],
  ['verified', 'sound', 'good'],
  ['difference', 'different', 'bad'],
  ['skip', 'skipped', 'neutral'],
  ['reject', 'rejected', 'bad'],
];

/** What became of the copies of sessions that have ended (`sync`). */
const DELETE_MEANINGS: Readonly<Record<string, string>> = {
  deleted: 'their sessions ended, and so did the copies',
  kept: "rewritten in Redis since: the application's word wins",
  absent: 'the copy was gone already',
};

/** What the sections on outcomes are made from; every command that handles files or keys one by one has it. */
export interface EndOfRun {
  summary: Summary;
  /** One entry with each outcome, or null, indexed by the code of the outcome. */
  examples: readonly (Example | null)[];
  /** Some rejects and differences, with their reasons. */
  rejects: readonly RejectNote[];
  sources: readonly string[];
  /** What to do next. */
  advice: readonly Note[];
  /** What outcomes mean to this command, where it differs from {@link MEANINGS}. */
  meanings?: Partial<Record<Outcome, string>>;
}

/** How many entries of a run are of one class. */
export function countOfClass({ outcomes }: Pick<Summary, 'outcomes'>, wanted: OutcomeClass): number {
  const counts = Object.entries(outcomes) as [Outcome, number][];
  return counts.reduce((sum, [outcome, count]) => (classOf(outcome) === wanted ? sum + count : sum), 0);
}

/**
 * What became of every entry: a row per outcome that occurred, with examples of those that did not move.
 *
 * @param textTitle title of the section in the text; none if empty
 * @param hasExamples whether the text shows the examples
 */
export function outcomesSection(end: EndOfRun, textTitle = '', hasExamples = true): Section {
  const { summary } = end;
  const { listed, unsettled, outcomes, deletes, ours } = summary;
  const occurred = CLASSES.flatMap(([kind, title, tone]) =>
    OUTCOMES.filter(([outcome, of]) => of === kind && outcomes[outcome] !== undefined).map(([outcome]) => {
      return { outcome, kind, title, tone, count: outcomes[outcome] ?? 0 };
    }),
  );
  const isOpen = unsettled > 0;
  const open = 'fate unknown: run again to settle';
  return {
    title: 'What became of every entry',
    textTitle,
    isResult: true,
    lead:
      `${formatCount(listed)} directory entries, each with exactly one outcome.` +
      (isOpen ? ` ${formatCount(unsettled)} more are open, their ${open}.` : ''),
    ...(occurred.length > 0 && {
      figure: {
        kind: 'bars' as const,
        title: 'Entries by outcome',
        unit: 'count' as const,
        axis: 'entries',
        legend: CLASSES.filter(([kind]) => occurred.some((one) => one.kind === kind)).map(([, name, tone]) => ({
          name,
          tone,
        })),
        bars: occurred.map(({ outcome, kind, count, tone }) => {
          const wouldBe = summary.dryRun && kind === 'moved' && outcome !== 'same' ? 'would be ' : '';
          return { name: wouldBe + outcome, value: count, tone };
        }),
      },
    }),
    table: {
      isHeadless: true,
      columns: columnsOf({
        Outcome: 'text',
        Class: { role: 'group' },
        Entries: 'count',
        Meaning: 'text',
        Example: { role: 'examples', ...(!hasExamples && { only: 'page' as const }) },
      }),
      rows: occurred.map(({ outcome, kind, title, tone, count }) => [
        tone === 'bad' ? { text: outcome, tone } : outcome,
        title,
        count,
        end.meanings?.[outcome] ?? (summary.dryRun && outcome === 'written' ? 'would be written' : MEANINGS[outcome]),
        kind === 'moved' || kind === 'verified' ? null : examplesOf(outcome, count, end),
      ]),
      totals: [
        ['', 'listed', listed],
        ...(isOpen ? [['', 'open', unsettled, open]] : []),
        ...Object.entries(deletes)
          .filter(([, count]) => count > 0)
          .map(([what, count]) => [what, 'ended', count, DELETE_MEANINGS[what] ?? '']),
        ...(ours === undefined
          ? []
          : [['by us', 'in Redis', ours, 'copies that live, of this and all earlier passes']]),
      ],
    },
    lines: paceLines(summary),
  };
}

/** Rejects with their reasons; of anything else one entry for all. */
function examplesOf(outcome: Outcome, count: number, { examples, rejects, sources }: EndOfRun): ExampleCell | null {
  const notes = rejects.filter((note) => note.outcome === outcome);
  if (notes.length > 0) {
    const shown = notes.map((note) => `${identityOf(note, sources)}: ${describeReason(note)}`);
    return { examples: shown, more: Math.max(0, count - notes.length) };
  }
  const example = examples[codeOf(outcome)] ?? null;
  return example === null ? null : { examples: [identityOf(example, sources)], more: 0, isNormal: true };
}

/**
 * Fingerprint and path, `0123456789ab  /store/ab/abcdefgh*`; the fingerprint is the one in the list of rejects and in
 * the log.
 */
function identityOf(example: Example, sources: readonly string[]): string {
  const place = placeOf(example, sources);
  return example.fingerprint === '' ? place : `${example.fingerprint}  ${place}`;
}

/** The path of a file, or `key` and the name of a key that has no file. */
function placeOf(example: Pick<Example, 'source' | 'path'>, sources: readonly string[]): string {
  return example.source < 0 ? `key ${example.path}` : describePath(example, sources);
}

/** The path of a file, its session id cut short. */
export function describePath({ source, path }: Pick<Example, 'source' | 'path'>, sources: readonly string[]): string {
  return `${sources[source]}/${path}`;
}

/** Why a file was rejected, and at which byte if that is known. */
export function describeReason({ reason, offset }: RejectNote): string {
  return offset < 0 ? reason : `${reason} (byte ${offset})`;
}

/** Time, rates and sizes of a run, what throttled it, and how long the freeze will take. */
export function paceLines(summary: Summary): TextLine[] {
  const { elapsedMs, entriesPerSecond, sourceBytes, valueBytes, peakRssBytes, throttle, freezeEstimateMs } = summary;
  const throttled = Object.entries(throttle.reasons).filter(([, ms]) => ms > 0);
  const pace = [
    ...[formatDuration(elapsedMs), `${formatCount(entriesPerSecond)} entries/s`],
    ...[`${formatBytes(sourceBytes)} read`, `${formatBytes(valueBytes)} of values`],
    `${formatBytes(peakRssBytes)} memory`,
    ...throttled.map(([reason, ms]) => `held back ${formatDuration(ms)} by ${reason}`),
  ];
  const lines: TextLine[] = [[{ text: pace.join(', '), tone: 'neutral' }]];
  if (typeof freezeEstimateMs === 'number') {
    lines.push(`the freeze (sync --final) will take ${formatDuration(freezeEstimateMs)} at most, by the last passes`);
  }
  return lines;
}

/**
 * Single files or keys with their reasons, or null if there are none.
 *
 * @param more how many there are beside those in `notes`
 */
export function notesSection(
  title: string,
  notes: readonly RejectNote[],
  sources: readonly string[],
  more = 0,
): Section | null {
  if (notes.length === 0) return null;
  return {
    title,
    lead: 'Some of each kind, with the reason.',
    table: {
      isHeadless: true,
      columns: columnsOf({
        Outcome: 'text',
        File: 'text',
        Fingerprint: 'text',
        Why: 'text',
        Byte: { unit: 'count', only: 'page' },
      }),
      rows: [...notes]
        .sort((a, b) => a.outcome.localeCompare(b.outcome))
        .map((note) => [
          ...[note.outcome, placeOf(note, sources), note.fingerprint, note.reason],
          note.offset < 0 ? null : note.offset,
        ]),
    },
    ...(more > 0 && { lines: [`and ${formatCount(more)} more`] }),
  };
}
