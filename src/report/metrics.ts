import type { Tally } from '../counts/tally.js';
import { EXIT, type ExitCode } from '../errors.js';
import {
  MetricsFile,
  MetricsGauges,
  MetricsServer,
  type MetricsTitle,
  type PassFigures,
  type PastPasses,
} from './metrics-outlets.js';
import { type Summary, summarizeFailure } from './summary.js';

/** Prometheus usually asks node_exporter every 15 s or less often. */
const FILE_INTERVAL_MS = 10_000;

/** Exit codes of a pass that saw every entry. */
const SUCCESSES: readonly ExitCode[] = [EXIT.complete, EXIT.rejects, EXIT.nothing];

/** Where the metrics go: to a file, to an HTTP server, to both. */
export interface MetricsOutlets {
  file: string | null;
  listen: { host: string; port: number } | null;
}

/** What metrics read from a pass while it runs. */
export interface PassView {
  tally: Tally;
  lanes: number;
  deletes: Readonly<Record<string, number>>;
  heldBackMs: () => Readonly<Record<string, number>>;
}

const NOTHING: Omit<PassFigures, 'startedMs' | 'isRunning'> = {
  ...summarizeFailure('', false, EXIT.complete, ''),
  peakRssBytes: 0,
  lanes: 0,
};

/**
 * Metrics for Prometheus about the passes of one process: in a text file, written at the start, every few seconds and
 * at the end of each pass, and by HTTP. Every figure comes from the tally or the summary.
 */
export class Metrics {
  /** Why the file could not be written last time, or null. It does not end the run; the command warns about it. */
  fault: Error | null = null;
  readonly #gauges: MetricsGauges;
  readonly #file: MetricsFile | null;
  #past: PastPasses;
  #figures: PassFigures;
  #view: PassView | null = null;
  #server: MetricsServer | null = null;
  #timer: NodeJS.Timeout | null = null;

  private constructor(title: MetricsTitle, file: string | null) {
    this.#gauges = new MetricsGauges(title);
    this.#file = file === null ? null : new MetricsFile(file);
    this.#past = this.#file?.readPast(this.#gauges.labels) ?? { exitCode: null, endedMs: null, successMs: null };
    this.#figures = { ...NOTHING, startedMs: Date.now(), isRunning: true };
  }

  /**
   * Starts the metrics before anything else is done.
   *
   * @throws {OperatorError} if the file cannot be written or the address is not available
   */
  static async open(title: MetricsTitle, { file, listen }: MetricsOutlets): Promise<Metrics> {
    const metrics = new Metrics(title, file);
    metrics.#file?.write(await metrics.text());
    if (listen !== null) {
      const { contentType } = metrics.#gauges.registry;
      metrics.#server = await MetricsServer.listen(listen.host, listen.port, contentType, () => metrics.text());
    }
    metrics.#timer = setInterval(() => void metrics.#save(), FILE_INTERVAL_MS);
    metrics.#timer.unref();
    return metrics;
  }

  /** From now on the metrics are those of this pass; may be called again for the same one. */
  follow(view: PassView): void {
    if (this.#view?.tally !== view.tally) this.#figures = { ...NOTHING, startedMs: Date.now(), isRunning: true };
    this.#view = view;
  }

  /** Takes the figures of a pass that has ended. */
  async passEnded(summary: Summary): Promise<void> {
    const startedMs = Date.now() - summary.elapsedMs;
    this.#figures = { ...summary, startedMs, isRunning: false, lanes: this.#view?.lanes ?? 0 };
    this.#view = null;
    await this.#ended(summary.exitCode);
  }

  /** Takes the exit code of a run that ended without a summary, for instance because the pre-flight refused it. */
  async failed(exitCode: ExitCode): Promise<void> {
    this.#figures = { ...this.#figures, isRunning: false };
    this.#view = null;
    await this.#ended(exitCode);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#server?.close();
  }

  /** The current metrics in the text format of Prometheus. */
  text(): Promise<string> {
    const view = this.#view;
    if (view === null) return this.#gauges.render(this.#figures, this.#past);
    const { tally, lanes, deletes } = view;
    const { unsettled, sourceBytes, valueBytes } = tally;
    const counts = { outcomes: tally.outcomes(), unsettled, sourceBytes, valueBytes, deletes };
    const elapsedMs = Date.now() - this.#figures.startedMs;
    const peakRssBytes = process.resourceUsage().maxRSS * 1024;
    const now = { ...counts, elapsedMs, lanes, throttle: { reasons: view.heldBackMs() }, peakRssBytes };
    return this.#gauges.render({ ...this.#figures, ...now }, this.#past);
  }

  async #ended(exitCode: ExitCode): Promise<void> {
    const endedMs = Date.now();
    this.#past = { exitCode, endedMs, successMs: SUCCESSES.includes(exitCode) ? endedMs : this.#past.successMs };
    await this.#save();
  }

  async #save(): Promise<void> {
    try {
      this.#file?.write(await this.text());
      this.fault = null;
    } catch (error) {
      this.fault = error as Error;
    }
  }
}
