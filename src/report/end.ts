import { EXIT_MEANINGS } from '../exit-codes.js';
import type { Example } from '../lane/examples.js';
import type { RejectNote } from '../lane/journey.js';
import { formatBytes, formatCount, formatDuration } from '../quantities.js';
import { codeOf, OUTCOMES, type Outcome, type OutcomeClass } from '../session.js';
import { PLAIN, type Styles } from './styles.js';
import type { Summary } from './summary.js';
import { DELETE_MEANINGS, renderFreeze } from './sync-text.js';
import { CLASS_TITLES, describeReason, MEANINGS, table } from './text.js';

/** What the end of a run is told from; every pass command shares it. */
export interface EndOfRun {
  summary: Summary;
  /** By the code of the outcome: an entry that met it. */
  examples: readonly (Example | null)[];
  /** Some rejects, with their reasons. */
  rejects: readonly RejectNote[];
  sources: readonly string[];
  /** What to do next, in whole sentences. */
  advice: readonly string[];
  /** What outcomes mean to this command, where that is not what {@link MEANINGS} says. */
  meanings?: Partial<Record<Outcome, string>>;
}

const CLASSES = Object.keys(CLASS_TITLES) as OutcomeClass[];

/** The end of a run, for a person to read in ten seconds: what moved, what did not and why, and what comes next. */
export function renderEnd(end: EndOfRun, styles: Styles = PLAIN): string {
  const { summary, advice } = end;
  const rows: string[][] = [];
  for (const kind of CLASSES) {
    for (const [i, outcome] of occurred(summary, kind).entries()) {
      const count = summary.outcomes[outcome] ?? 0;
      const title = i === 0 ? CLASS_TITLES[kind] : '';
      rows.push([title, outcome, formatCount(count), end.meanings?.[outcome] ?? meaningOf(outcome, summary)]);
      if (kind !== 'moved') for (const line of examplesOf(outcome, count, end)) rows.push(['', '', '', line]);
    }
  }
  rows.push(['listed', '', formatCount(summary.listed), '']);
  if (summary.unsettled > 0) {
    rows.push(['open', '', formatCount(summary.unsettled), 'fate unknown: run again to settle']);
  }
  const deletes = Object.entries(summary.deletes).filter(([, count]) => count > 0);
  deletes.forEach(([what, count], i) => {
    rows.push([i === 0 ? 'ended' : '', what, formatCount(count), DELETE_MEANINGS[what] ?? '']);
  });
  if (summary.ours !== undefined) {
    rows.push(['in Redis', 'by us', formatCount(summary.ours), 'copies that live, of this and all earlier passes']);
  }
  const parts = [
    dressed(table(rows, [2]), summary, styles),
    `  ${styles.dim(paceOf(summary))}${renderFreeze(summary)}`,
  ];
  return `${parts.join('\n')}\n${renderClosing(summary, advice, styles)}`;
}

/** What comes next, and what the exit code means: the last lines of every run. */
export function renderClosing(summary: Summary, advice: readonly string[], styles: Styles = PLAIN): string {
  const next = advice.length === 0 ? [] : ['', styles.bold('next'), ...advice.map((line) => `  ${line}`)];
  return [...next, '', verdictOf(summary, styles)].join('\n');
}

function occurred(summary: Summary, kind: OutcomeClass): Outcome[] {
  return OUTCOMES.filter(([outcome, of]) => of === kind && summary.outcomes[outcome] !== undefined).map(
    ([outcome]) => outcome,
  );
}

export function meaningOf(outcome: Outcome, summary: Pick<Summary, 'dryRun'>): string {
  return summary.dryRun && outcome === 'written' ? 'would be written' : MEANINGS[outcome];
}

/** Entries that met an outcome: rejects with their reason, of anything else one for all. */
function examplesOf(outcome: Outcome, count: number, { examples, rejects, sources }: EndOfRun): string[] {
  const notes = rejects.filter((note) => note.outcome === outcome);
  const lines = notes.map((note) => `${describeExample(note, sources)}: ${describeReason(note)}`);
  if (notes.length > 0)
    return count > notes.length ? [...lines, `and ${formatCount(count - notes.length)} more`] : lines;
  const example = examples[codeOf(outcome)] ?? null;
  return example === null ? [] : [describeExample(example, sources)];
}

/** `e.g. 0123456789ab  /store/ab/abcdefgh*`: the fingerprint is the one in the list of rejects and in the log. */
function describeExample(example: Example, sources: readonly string[]): string {
  return `e.g. ${faceOf(example, sources)}`;
}

/** Fingerprint and path of a file, or the name of a key that has no file. */
export function faceOf({ source, path, fingerprint }: Example, sources: readonly string[]): string {
  const place = source < 0 ? `key ${path}` : `${sources[source]}/${path}`;
  return fingerprint === '' ? place : `${fingerprint}  ${place}`;
}

function paceOf(summary: Summary): string {
  const pace = `${formatDuration(summary.elapsedMs)}, ${formatCount(summary.entriesPerSecond)} entries/s`;
  const bytes = `${formatBytes(summary.sourceBytes)} read, ${formatBytes(summary.valueBytes)} of values`;
  const held = Object.entries(summary.throttle.reasons).filter(([, ms]) => ms > 0);
  const waits = held.map(([reason, ms]) => `, held back ${formatDuration(ms)} by ${reason}`).join('');
  return `${pace}, ${bytes}, ${formatBytes(summary.peakRssBytes)} memory${waits}`;
}

function verdictOf({ exitCode, stopped }: Summary, styles: Styles): string {
  const code = `exit code ${exitCode}: ${EXIT_MEANINGS[exitCode]}`;
  if (exitCode === 0) return styles.good(code);
  return stopped === undefined && exitCode === 3 ? styles.warn(code) : styles.bad(code);
}

/** Titles in bold, what was rejected in red, examples in grey; the text itself stays the same. */
function dressed(text: string, summary: Summary, styles: Styles): string {
  const rejected = new Set(occurred(summary, 'reject'));
  return text
    .split('\n')
    .map((line) => {
      if (/^ {10,}(e\.g\.|and \d)/.test(line)) return styles.dim(line);
      const [, outcome = ''] = /^ {2}\w* +([\w-]+)/.exec(line) ?? [];
      if (rejected.has(outcome as Outcome)) return styles.bad(line);
      return line.replace(/^ {2}[a-z]+/, (title) => styles.bold(title));
    })
    .join('\n');
}
