import fs from 'node:fs';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import { errorCode } from '../system/errno.js';
import { replaceOwnFile, tryToReplace } from '../system/own-files.js';

/**
 * A report as plain data: what a command found, in the order in which it is to be read. Any command can fill one in;
 * the page that is made of it knows nothing of sessions. Nothing in here may hold a sid, and no text needs to be
 * escaped.
 */
export interface RunReport {
  command: string;
  /** What was run over, and with what: one line each. */
  subject: readonly { label: string; value: string }[];
  /** When the run began, epoch milliseconds. */
  startedMs: number;
  verdict: Verdict;
  /** What to know and what to do, one sentence each. */
  notes: readonly Note[];
  /** The handful of numbers that matter most. */
  facts: readonly { label: string; value: string }[];
  sections: readonly Section[];
}

export type Tone = 'good' | 'warn' | 'bad' | 'neutral';

export interface Verdict {
  tone: Tone;
  headline: string;
  /** Why, in one or more sentences. */
  sentences: readonly string[];
}

export interface Note {
  kind: 'warning' | 'next';
  text: string;
}

export interface Section {
  title: string;
  /** What there is to see. */
  lead?: string;
  figure?: Figure;
  table?: Table;
}

/** How numbers of a column or an axis are written. */
export type Unit = 'count' | 'bytes' | 'hours' | 'ms';

export interface Table {
  /** A column without a unit holds text. */
  columns: readonly { title: string; unit?: Unit }[];
  rows: readonly (readonly (string | number | null)[])[];
}

/** A picture, and with it the numbers that it shows. */
export type Figure = Bars | Histogram | Lines;

/** Quantities of things that are named, one bar each. */
export interface Bars {
  kind: 'bars';
  title: string;
  unit: Unit;
  bars: readonly { name: string; value: number; tone?: Tone }[];
}

/** How often values fall between two bounds. */
export interface Histogram {
  kind: 'histogram';
  title: string;
  /** `doubling`: bounds are spread so that each doubling takes the same room. */
  scale: 'even' | 'doubling';
  unit: Unit;
  axis: string;
  bins: readonly { from: number; to: number; count: number }[];
}

/** Quantities over another one, such as time. */
export interface Lines {
  kind: 'lines';
  title: string;
  axis: string;
  unit: Unit;
  valueUnit: Unit;
  lines: readonly { name: string; points: readonly (readonly [number, number])[] }[];
  /** Stretches of the axis that stand out, such as those in which the run was held back. */
  shaded?: readonly { from: number; to: number }[];
  shadedName?: string;
}

/**
 * The file that `--report` names. It is tried when it is named, so that no run ends without a place for its report; it
 * is written beside its place and renamed, so that nobody ever reads half of it.
 */
export class ReportFile {
  isWritten = false;

  /** @throws {OperatorError} with exit code 2 where the file can't be written */
  constructor(readonly path: string) {
    try {
      if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw cannot(path, 'it is a directory');
      tryToReplace(path);
    } catch (error) {
      throw error instanceof OperatorError ? error : cannot(path, codeOf(error));
    }
  }

  /**
   * Writes what `make` makes. A report that can't be written is no reason to keep the run's result to oneself, but no
   * success either: it becomes a warning, and an exit code of 0 becomes 5.
   */
  async writeOrWarn(make: () => RunReport, summary: { exitCode: ExitCode }, warnings: string[]): Promise<void> {
    try {
      await this.write(make());
      this.isWritten = true;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      warnings.push(error.message);
      if (summary.exitCode === EXIT.complete) summary.exitCode = error.exitCode;
    }
  }

  /** @throws {OperatorError} with exit code 5 where the disk has filled up meanwhile */
  async write(report: RunReport): Promise<void> {
    // Pictures take a third of a second and 40 MB to load: only runs that show some pay for them.
    const { renderPage } = await import('./html/page.js');
    try {
      replaceOwnFile(this.path, renderPage(report));
    } catch (error) {
      throw new OperatorError(EXIT.temporary, `the report ${this.path} cannot be written (${codeOf(error)})`, {
        cause: error,
      });
    }
  }
}

function cannot(path: string, why: string): OperatorError {
  return new OperatorError(EXIT.usage, `--report ${path} cannot be written (${why}): name another file`);
}

function codeOf(error: unknown): string {
  return errorCode(error) || (error as Error).message;
}
