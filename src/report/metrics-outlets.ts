import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Gauge, Registry } from 'prom-client';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import { OUTCOMES, type OutcomeClass } from '../session.js';
import { errorCode } from '../system/errno.js';
import { replaceOwnFile } from '../system/own-files.js';
import type { Summary } from './summary.js';

/** Becomes the labels of every metric, so that the files of several jobs can share a directory. */
export interface MetricsTitle {
  command: string;
  /** The session directories as given on the command line. */
  source: string;
  isDryRun: boolean;
  /** `i/n`; empty without `--shard`. */
  shard: string;
}

type Counts = Pick<Summary, 'outcomes' | 'unsettled' | 'sourceBytes' | 'valueBytes' | 'deletes' | 'throttle'>;

/** The figures of the running pass, or of the last one. */
export interface PassFigures extends Counts, Pick<Summary, 'elapsedMs' | 'peakRssBytes'> {
  startedMs: number;
  isRunning: boolean;
  lanes: number;
}

/** How earlier passes ended; null if there was none. Times are in epoch milliseconds. */
export interface PastPasses {
  exitCode: ExitCode | null;
  endedMs: number | null;
  successMs: number | null;
}

/** Exported even if zero, so that alerts on them have a value to compare. */
const DELETE_KINDS = ['deleted', 'kept', 'absent'];
const OF_VERIFY: readonly string[] = ['verified', 'difference'];
const OF_WRITING: readonly string[] = ['moved', 'kept'];

/**
 * The metrics of a run. They are gauges of one pass, not counters: each pass counts from zero, and as the next process
 * replaces the text file, `rate()` would not notice that.
 */
export class MetricsGauges {
  readonly registry = new Registry();
  readonly labels: Readonly<Record<string, string>>;

  readonly #entries = this.#gauge('pass_entries', 'Directory entries by outcome', ['outcome', 'class']);
  readonly #unsettled = this.#gauge('pass_unsettled_entries', 'Entries that a failure left without an outcome');
  readonly #sourceBytes = this.#gauge('pass_source_bytes', 'Bytes of session files read');
  readonly #valueBytes = this.#gauge('pass_value_bytes', 'Bytes of values that move');
  readonly #deletes = this.#gauge('pass_deletes', 'Copies of ended sessions, by what became of them', ['kind']);
  readonly #throttle = this.#gauge('pass_throttle_seconds', 'Time for which the pass was held back', ['reason']);
  readonly #duration = this.#gauge('pass_duration_seconds', 'Time that the pass took, or has taken so far');
  readonly #started = this.#gauge('pass_start_timestamp_seconds', 'When the pass began');
  readonly #running = this.#gauge('pass_running', '1 while a pass runs');
  readonly #lanes = this.#gauge('lanes', 'Threads that read and write');
  readonly #peakRss = this.#gauge('peak_rss_bytes', 'Most memory that the process has had');
  readonly #exitCode = this.#gauge('last_exit_code', 'Exit code of the last pass that ended');
  readonly #ended = this.#gauge('last_end_timestamp_seconds', 'When the last pass ended, however it did');
  readonly #success = this.#gauge('last_success_timestamp_seconds', 'When a pass last ended complete, 0 for never');

  constructor(readonly title: MetricsTitle) {
    const { command, source, isDryRun, shard } = title;
    this.labels = { command, source, ...(shard !== '' && { shard }), ...(isDryRun && { dry_run: 'true' }) };
    this.registry.setDefaultLabels(this.labels);
  }

  /** The metrics in text format, set to these figures. */
  render(figures: PassFigures, past: PastPasses): Promise<string> {
    this.#entries.reset();
    for (const [outcome, kind] of OUTCOMES) {
      const count = figures.outcomes[outcome] ?? 0;
      if (count > 0 || this.#isShownAsZero(kind)) this.#entries.set({ outcome, class: kind }, count);
    }
    this.#unsettled.set(figures.unsettled);
    this.#sourceBytes.set(figures.sourceBytes);
    this.#valueBytes.set(figures.valueBytes);
    for (const kind of DELETE_KINDS) this.#deletes.set({ kind }, 0);
    for (const [kind, count] of Object.entries(figures.deletes)) this.#deletes.set({ kind }, count);
    this.#throttle.reset();
    for (const [reason, ms] of Object.entries(figures.throttle.reasons)) this.#throttle.set({ reason }, ms / 1000);
    this.#duration.set(figures.elapsedMs / 1000);
    this.#started.set(figures.startedMs / 1000);
    this.#running.set(figures.isRunning ? 1 : 0);
    this.#lanes.set(figures.lanes);
    this.#peakRss.set(figures.peakRssBytes);
    this.#exitCode.remove();
    if (past.exitCode !== null) this.#exitCode.set(past.exitCode);
    this.#ended.remove();
    if (past.endedMs !== null) this.#ended.set(past.endedMs / 1000);
    this.#success.set((past.successMs ?? 0) / 1000);
    return this.registry.metrics();
  }

  #isShownAsZero(kind: OutcomeClass): boolean {
    return !(this.title.command === 'verify' ? OF_WRITING : OF_VERIFY).includes(kind);
  }

  #gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name: `sess2redis_${name}`, help, labelNames, registers: [this.registry] });
  }
}

/** The exporter runs as another user, and nothing in the file is secret. */
const MODE = 0o644;

/** A file for the textfile collector of node_exporter; it is replaced as a whole, so that nobody reads half of it. */
export class MetricsFile {
  constructor(readonly path: string) {}

  /** @throws {OperatorError} if it cannot be written */
  write(text: string): void {
    try {
      // The collector reads only names in .prom, and that of the temporary file ends otherwise.
      replaceOwnFile(this.path, text, MODE);
    } catch (error) {
      const code = errorCode(error);
      if (code === '') throw error;
      throw new OperatorError(EXIT.usage, `--metrics-file ${this.path} cannot be written (${code}): name another`);
    }
  }

  /** How the passes before this process ended, according to the metrics in the file with these labels. */
  readPast(labels: Readonly<Record<string, string>>): PastPasses {
    let text = '';
    try {
      text = readFileSync(this.path, 'utf8');
    } catch {
      // The first pass that writes it.
    }
    const find = (name: string): number | null => {
      const line = text.split('\n').find((each) => each.startsWith(`sess2redis_${name}{`) && hasLabels(each, labels));
      const value = Number(line?.slice(line.lastIndexOf(' ') + 1) || Number.NaN);
      return Number.isFinite(value) && value > 0 ? value : null;
    };
    const toMs = (seconds: number | null) => (seconds === null ? null : seconds * 1000);
    return {
      exitCode: find('last_exit_code') as ExitCode | null,
      endedMs: toMs(find('last_end_timestamp_seconds')),
      successMs: toMs(find('last_success_timestamp_seconds')),
    };
  }
}

/** Whether a line of the text format has exactly these labels. */
function hasLabels(line: string, labels: Readonly<Record<string, string>>): boolean {
  const found = [...line.matchAll(/[{,](\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => `${name}=${value}`);
  const wanted = Object.entries(labels).map(([name, value]) => `${name}=${escapeLabel(value)}`);
  return found.sort().join() === wanted.sort().join();
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}

/** An HTTP server that answers `GET /metrics` while a run lasts, and nothing else. */
export class MetricsServer {
  private constructor(readonly server: Server) {}

  /**
   * @param render returns the current metrics
   * @throws {OperatorError} if the address is not available
   */
  static async listen(
    host: string,
    port: number,
    contentType: string,
    render: () => Promise<string>,
  ): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      const path = (request.url ?? '').split('?', 1)[0];
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (path !== '/metrics' || !isRead) {
        response.writeHead(path === '/metrics' ? 405 : 404, { 'content-type': 'text/plain' }).end('see /metrics\n');
        return;
      }
      render().then(
        (text) => response.writeHead(200, { 'content-type': contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', ({ code }: NodeJS.ErrnoException) => {
        const sentence = `--metrics-listen ${host}:${port} can't be listened on (${code}): name another address`;
        reject(new OperatorError(EXIT.usage, sentence));
      });
      server.listen(port, host, resolve);
    });
    return new MetricsServer(server);
  }

  /** Closes the server at once, even if clients keep their connections open. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
