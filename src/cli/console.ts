import type { LaneWait, RunSamples } from '../counts/progress.js';
import { eventOf } from '../governor/state.js';
import type { RejectNote } from '../intake/take-file.js';
import type { RunOptions } from '../options/run-options.js';
import type { PassDiary } from '../report/every.js';
import { type RejectList, rejectRecord } from '../report/lists.js';
import { createLogger, LogFile } from '../report/logger.js';
import type { Metrics } from '../report/metrics.js';
import { ProgressDisplay } from '../report/progress-display.js';
import type { RunReport } from '../report/section.js';
import type { Summary } from '../report/summary.js';
import { Terminal } from '../report/terminal.js';
import { renderText, type TextView } from '../report/text.js';
import { styleFor } from '../report/text-table.js';
import type { PassObserver } from '../run.js';
import type { DirectoryCensus } from '../source/directories.js';
import { hangUpMeans, hasTerminal } from './signals.js';

/** A shorter wait is not worth a line. */
const WORTH_A_LINE_MS = 1000;

/** Tells that lanes wait for the target, once they have for a while, and then that they go on. */
class WaitNotice {
  #latest: LaneWait | null = null;
  #told: string | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** @param tell given the wait, or null when it is over */
  constructor(readonly tell: (wait: LaneWait | null) => void) {}

  update(wait: LaneWait | null): void {
    this.#latest = wait;
    if (wait === null) this.end();
    else if (this.#told === null) this.#timer ??= setTimeout(() => this.#say(), WORTH_A_LINE_MS);
    else if (this.#told !== wait.reason) this.#say();
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#latest = null;
    if (this.#told !== null) this.#say();
  }

  #say(): void {
    this.#told = this.#latest?.reason ?? null;
    this.tell(this.#latest);
  }
}

/** What is logged and printed when a run is over. */
export interface RunEnd {
  summary: Summary;
  /** May grow, and the exit code may change, until the end is printed. */
  warnings: readonly string[];
  /** Why the run ended early, or null. */
  stopped: Error | null;
  /** Sentences for stderr, unless `--quiet`. */
  notices: readonly string[];
  /** What `--json` prints before the summary. */
  lines?: readonly object[];
  report: () => Pick<RunReport, 'sections' | 'notes' | 'exitCode'>;
}

/** Rejects of each kind that the end of a run shows; all of them are in the list. */
const SHOWN_PER_OUTCOME = 2;

/**
 * Where a pass command speaks from: stderr for people, stdout for data, the log, and what watches the pass. One per
 * run.
 */
export class CommandConsole {
  /** Of the pass that is watched. */
  shownRejects: RejectNote[] = [];
  readonly log: ReturnType<typeof createLogger>;
  #display: ProgressDisplay;
  readonly #waits = new WaitNotice((wait) => {
    if (this.options.isJson)
      this.print({ type: 'waiting', reason: wait?.reason ?? null, message: wait?.message ?? null });
    this.say(wait === null ? 'going on' : `waiting: ${wait.message}`);
    this.log.warn({ wait }, wait === null ? 'going on' : 'waiting for the target');
  });

  private constructor(
    readonly terminal: Terminal,
    readonly options: RunOptions,
    readonly metrics: Metrics | null,
  ) {
    const { level, file } = options.log;
    const logFile = file === undefined ? null : new LogFile(file, (message) => this.warn(`warning: ${message}`));
    this.log = createLogger(level, logFile, terminal);
    // Without a terminal nobody hangs up: it is logrotate that asks for a new file.
    if (logFile !== null && !hasTerminal()) hangUpMeans(() => logFile.reopen());
    this.#display = this.#newDisplay();
  }

  /** @throws {OperatorError} when the log can't be written */
  static async open(options: RunOptions, metrics: Metrics | null): Promise<CommandConsole> {
    // Two kinds of lines would share the terminal otherwise.
    const isShared = options.isJson && process.stdout.isTTY === true;
    const isLive = process.stderr.isTTY === true && options.mayRedraw && !isShared;
    return new CommandConsole(await Terminal.open(process.stderr, isLive, options.isQuiet), options, metrics);
  }

  /** Shows what is only good to know; nothing with `--quiet`. */
  say(text: string): void {
    this.terminal.say(text);
  }

  /** Shows a warning, with `--quiet` as well. */
  warn(text: string): void {
    this.terminal.warn(text);
  }

  /** One line of `--json`. */
  print(line: object): void {
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }

  /** The pass over time, for the report. */
  get series(): RunSamples {
    return this.#display.series;
  }

  /**
   * What a pass over `sources` reports to, its warnings into `warnings`; what was seen of the pass before is forgotten.
   */
  observe(
    sources: readonly string[],
    list: RejectList | null,
    directories: DirectoryCensus | null,
    warnings: string[],
  ): PassObserver {
    const display = this.#newDisplay();
    this.#display = display;
    this.shownRejects = [];
    return {
      isWatched: this.options.isJson || !this.options.isQuiet,
      begin: (progress) => {
        display.start(progress);
        this.metrics?.follow(progress);
      },
      ...(directories !== null && { listed: (directory) => directories.add(directory) }),
      reject: (note) => {
        list?.add(note);
        const record = rejectRecord(note, sources);
        if (this.options.isJson) this.print(record);
        this.show(note);
        this.log.warn(record, 'rejected');
      },
      governor: (state) => {
        if (this.options.isJson) this.print(eventOf(state));
        this.log.info(eventOf(state), 'governor');
      },
      warn: (message) => warnings.push(message),
      waiting: (wait) => this.#waits.update(wait),
    };
  }

  /** Hands the end of a run to the metrics and the log; `what` is the run, as the log names it. */
  async logEnd(what: string, { summary, warnings, stopped }: RunEnd): Promise<void> {
    await this.metrics?.passEnded(summary);
    for (const message of warnings) this.log.warn(message);
    this.log.info(summary, `${what} ended`);
    // The log keeps the stack of an unexpected failure, the terminal shows its message.
    if (stopped !== null) this.log.error(stopped, `${what} stopped early`);
  }

  /** Prints the end of a run: as JSON, or as text with the report last, because its end is what stays in view. */
  tellEnd({ summary, warnings, stopped, notices, lines = [], report }: RunEnd): void {
    if (this.options.isJson) {
      for (const message of warnings) this.print({ type: 'warning', message });
      for (const line of [...lines, summary]) this.print(line);
    } else {
      for (const message of warnings) this.warn(`warning: ${message}`);
      for (const notice of notices) this.say(notice);
      process.stdout.write(`${renderText(report(), this.#view())}\n`);
    }
    if (stopped !== null) this.warn(`sess2redis: ${stopped.message}`);
  }

  /** Prints the end of a pass that others follow: a line, and what is new before it. */
  tellPass(end: RunEnd, diary: PassDiary, everyMs: number): void {
    const endedMs = Date.now();
    const told = diary.take({ ...end, endedMs, nextMs: endedMs + everyMs });
    if (told.isNew) this.tellEnd({ ...end, warnings: told.warnings });
    process.stdout.write(`${told.lines.join('\n')}\n`);
  }

  #view(): TextView {
    const { isTTY, columns = 80, rows = 24 } = process.stdout;
    const style = styleFor(isTTY === true && this.options.mayColour);
    return { style, isVerbose: this.options.isVerbose, ...(isTTY === true && { screen: { columns, rows } }) };
  }

  /** Keeps the first rejects of each kind for the end of the run. */
  show(note: RejectNote): void {
    if (isExample(note, this.shownRejects)) this.shownRejects.push(note);
  }

  #newDisplay(): ProgressDisplay {
    return new ProgressDisplay({
      terminal: this.terminal,
      print: this.options.isJson ? (event) => this.print(event) : null,
      isPrintedToTerminal: process.stdout.isTTY === true,
      now: () => performance.now(),
    });
  }

  /** Ends the watching and takes the live line away. May be called again. */
  close(): void {
    this.#waits.end();
    this.#display.stop();
  }
}

function isExample(note: RejectNote, shown: readonly RejectNote[]): boolean {
  return shown.filter(({ outcome }) => outcome === note.outcome).length < SHOWN_PER_OUTCOME;
}
