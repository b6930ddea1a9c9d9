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
import type { Summary } from './summary.js';

/** node_exporter is usually asked every 15 s or more seldom. */
const FILE_INTERVAL_MS = 10_000;

/** After these a pass has seen all there was. */
const SUCCESSES: readonly ExitCode[] = [EXIT.complete, EXIT.rejects, EXIT.nothing];

/** Where the metrics go; null for nowhere. */
export interface MetricsOutlets {
  file: string | null;
  listen: { host: string; port: number } | null;
}

/** What can be seen of a pass while it runs. */
export interface PassView {
  tally: Tally;
  lanes: number;
  deletes: Readonly<Record<string, number>>;
  heldBackMs: () => Readonly<Record<string, number>>;
}

const NOTHING: Omit<PassFigures, 'startedMs'> = {
  elapsedMs: 0,
  isRunning: false,
  lanes: 0,
  outcomes: {},
  unsettled: 0,
  sourceBytes: 0,
  valueBytes: 0,
  deletes: {},
  heldBackMs: {},
  peakRssBytes: 0,
};

/**
 * Keeps Prometheus informed about the passes of one process: by a text file at the start, now and then, and at the end
 * of each pass, and by HTTP. Every figure is the tally's or the summary's.
 */
export class Metrics {
  /** Why the file could last not be written, or null: no reason to end a run, but one to say so. */
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
   * Begins to tell.
   * @throws {OperatorError} when file or address can't be had, before anything else is done
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

  /** Tells of the pass that runs; may be called as often as is handy. */
  see(view: PassView): void {
    if (this.#view?.tally !== view.tally) this.#figures = { ...NOTHING, startedMs: Date.now(), isRunning: true };
    this.#view = view;
  }

  /** Tells how a pass ended. */
  async passEnded(summary: Summary): Promise<void> {
    const { elapsedMs, outcomes, unsettled, sourceBytes, valueBytes, deletes, throttle, peakRssBytes } = summary;
    const counted = { elapsedMs, outcomes, unsettled, sourceBytes, valueBytes, deletes, peakRssBytes };
    this.#figures = {
      ...counted,
      startedMs: Date.now() - elapsedMs,
      isRunning: false,
      lanes: this.#view?.lanes ?? 0,
      heldBackMs: throttle.reasons,
    };
    this.#view = null;
    await this.#ended(summary.exitCode);
  }

  /** Tells of a run that ended without a summary, such as one that the pre-flight refused. */
  async failed(exitCode: ExitCode): Promise<void> {
    this.#figures = { ...this.#figures, isRunning: false };
    this.#view = null;
    await this.#ended(exitCode);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#server?.close();
  }

  /** All metrics as they stand, in Prometheus' text format. */
  text(): Promise<string> {
    const view = this.#view;
    if (view === null) return this.#gauges.render(this.#figures, this.#past);
    const { tally, lanes, deletes } = view;
    const { unsettled, sourceBytes, valueBytes } = tally;
    const counted = { outcomes: tally.outcomes(), unsettled, sourceBytes, valueBytes, deletes };
    const elapsedMs = Date.now() - this.#figures.startedMs;
    const peakRssBytes = process.resourceUsage().maxRSS * 1024;
    const now = { elapsedMs, lanes, heldBackMs: view.heldBackMs(), peakRssBytes };
    return this.#gauges.render({ ...this.#figures, ...counted, ...now }, this.#past);
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
