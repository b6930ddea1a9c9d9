import { eventOf } from '../governor/state.js';
import type { RejectNote } from '../lane/journey.js';
import type { RunOptions } from '../options.js';
import { LogFile } from '../report/log-file.js';
import { createLogger } from '../report/logger.js';
import type { Metrics } from '../report/metrics.js';
import { type RejectList, rejectRecord } from '../report/reject-list.js';
import type { RunSamples } from '../report/series.js';
import { type Styles, stylesFor } from '../report/styles.js';
import { Terminal } from '../report/terminal.js';
import { Watch } from '../report/watch.js';
import type { PassObserver } from '../run.js';
import type { DirectoryCensus } from '../source/directories.js';
import { hasTerminal } from './hang-up.js';
import { hangUpMeans } from './signals.js';
import { WaitNotice } from './wait-notice.js';

/** Rejects of each kind that the end of a run shows; all of them are in the list. */
const SHOWN_PER_OUTCOME = 2;

/**
 * Where a pass command speaks from: stderr for people, stdout for data, the log, and what watches the pass. One per run.
 */
export class CommandConsole {
  /** Of the pass that is watched. */
  shownRejects: RejectNote[] = [];
  readonly log: ReturnType<typeof createLogger>;
  #watch: Watch;
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
    this.#watch = this.#newWatch();
  }

  /** @throws {OperatorError} when the log can't be written */
  static async open(options: RunOptions, metrics: Metrics | null): Promise<CommandConsole> {
    // Two kinds of lines would share the terminal otherwise.
    const isShared = options.isJson && process.stdout.isTTY === true;
    const isLive = process.stderr.isTTY === true && options.mayRedraw && !isShared;
    return new CommandConsole(await Terminal.open(process.stderr, isLive, options.isQuiet), options, metrics);
  }

  /** How text on stdout is set off. */
  get styles(): Styles {
    return stylesFor(process.stdout.isTTY === true && this.options.mayColour);
  }

  /** Says something that is only good to know. */
  say(text: string): void {
    this.terminal.say(text);
  }

  /** Says what also matters to whoever wanted quiet. */
  warn(text: string): void {
    this.terminal.warn(text);
  }

  /** One line of `--json`. */
  print(line: object): void {
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }

  /** The pass over time, for the report. */
  get series(): RunSamples {
    return this.#watch.series;
  }

  /** What a pass over `sources` reports to, its warnings into `warnings`; what was seen of the pass before is forgotten. */
  watch(
    sources: readonly string[],
    list: RejectList | null,
    directories: DirectoryCensus | null,
    warnings: string[],
  ): PassObserver {
    const watch = this.#newWatch();
    this.#watch = watch;
    this.shownRejects = [];
    return {
      begin: (progress) => {
        watch.start(progress);
        this.metrics?.see(progress);
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

  /** Keeps the first rejects of each kind for the end of the run. */
  show(note: RejectNote): void {
    if (isExample(note, this.shownRejects)) this.shownRejects.push(note);
  }

  #newWatch(): Watch {
    return new Watch({
      terminal: this.terminal,
      print: this.options.isJson ? (event) => this.print(event) : null,
      isPrintedToTerminal: process.stdout.isTTY === true,
      now: () => performance.now(),
    });
  }

  /** Ends the watching and takes the live line away. May be called again. */
  close(): void {
    this.#waits.end();
    this.#watch.stop();
  }
}

function isExample(note: RejectNote, shown: readonly RejectNote[]): boolean {
  return shown.filter(({ outcome }) => outcome === note.outcome).length < SHOWN_PER_OUTCOME;
}
