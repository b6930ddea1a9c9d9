import type { Example } from '../counts/statistics.js';
import { EXIT_MEANINGS } from '../errors.js';
import type { RejectNote } from '../intake/take-file.js';
import { codeOf, OUTCOMES, type Outcome, type OutcomeClass } from '../session.js';
import { formatBytes, formatCount, formatDuration } from '../units.js';
import type { Summary } from './summary.js';
import { CLASS_TITLES, describeReason, MEANINGS, PLAIN, type Styles, table } from './text.js';

/** What became of copies whose sessions ended. */
const DELETE_MEANINGS: Readonly<Record<string, string>> = {
  deleted: 'their sessions ended, and so did the copies',
  kept: "Odoo wrote the key since: Odoo's word wins",
  absent: 'the copy was gone already',
};

function renderFreeze({ freezeEstimateMs }: Summary): string {
  if (freezeEstimateMs === null || freezeEstimateMs === undefined) return '';
  return `\n  the freeze (sync --final) will take ${formatDuration(freezeEstimateMs)} at most, by the last passes`;
}

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

/** What outcomes mean to `export`, where they mean another thing than to `migrate`. */
export function exportMeanings(isDryRun: boolean): Partial<Record<Outcome, string>> {
  return {
    written: isDryRun ? 'would be written' : 'now a file',
    updated: isDryRun ? 'would replace an older file' : 'replaced an older file',
    same: 'the file was there already, with the same content',
    kept: 'a file that is as new or newer is there',
    expired: 'past its lifetime',
    foreign: 'not the key of a session',
    dead: 'an id that this Odoo never accepts',
    vanished: 'gone before it was read: logged out, renewed or expired',
    empty: 'a value of zero bytes',
    malformed: 'the reader itself cannot decode it',
    unsupported: 'holds a type that the file cannot have',
  };
}

/** Keys that expire too late are the lifetime's fault from this share on. */
const CAPPED_SHARE = 0.01;

/** What the operator should know although no single key was wrong. */
export interface ExportFindings {
  directory: string;
  odoo: string;
  /** Files placed, and those among them whose time is not known from their key. */
  placed: number;
  endless: number;
  capped: number;
  /** Session files in the directory that belong to no key; NaN where that was not looked at. */
  leftovers: number;
  /** Keys, those of sessions among them, and those among these whose id this Odoo never accepts. */
  listed: number;
  sessions: number;
  dead: number;
}

export function exportWarnings(findings: ExportFindings): string[] {
  const { directory, odoo, placed, endless, capped, leftovers, listed, sessions, dead } = findings;
  const warnings: string[] = [];
  if (listed > 0 && sessions === 0) {
    warnings.push('none of these keys is of a session: check --profile, --prefix and the database in --from');
  }
  if (dead > 0 && dead === sessions) {
    warnings.push(
      `Odoo ${odoo} accepts none of these session ids, so nobody stays logged in: name the Odoo that made them by --odoo`,
    );
  }
  if (leftovers > 0) {
    warnings.push(
      `files of sessions in ${directory} that belong to no key in Redis: ${formatCount(leftovers)}; such a session has expired ` +
        'or was logged out, and in the latter case these files log in again: export into an empty directory to be rid of them',
    );
  }
  if (endless > 0) {
    warnings.push(
      `${formatCount(endless)} of the keys never expire: the lifetime of their files begins with this export`,
    );
  }
  // A few are only sessions of this second, on a server whose clock is ahead.
  if (capped > placed * CAPPED_SHARE) {
    warnings.push(
      `${formatCount(capped)} of the keys expire later than a session saved just now would: their files live for one lifetime from now on; if ` +
        'your reader has other lifetimes, name them by --lifetime and --anonymous-lifetime',
    );
  }
  return warnings;
}
