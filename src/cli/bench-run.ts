import { type BenchOptions, measureSessions } from '../bench/bench.js';
import type { BenchFinding } from '../bench/findings.js';
import { OperatorError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { RunOptions } from '../options.js';
import { formatCount } from '../quantities.js';
import { benchReport } from '../report/bench-report.js';
import { summarizeBench } from '../report/bench-summary.js';
import { renderBench } from '../report/bench-text.js';
import { ReportFile } from '../report/html/report-file.js';
import { stylesFor } from '../report/styles.js';
import { Terminal } from '../report/terminal.js';
import { interruption, unlessAborted } from './signals.js';

const REDRAW_INTERVAL_MS = 100;

/** Runs the benchmark and tells what it finds: lines as they come, a table or the summary at the end, the report. */
export async function measure(options: RunOptions, odoo: string, bench: BenchOptions): Promise<ExitCode> {
  const interrupted = interruption('what was measured stands, and nothing is left behind');
  const reportFile = options.reportPath === null ? null : new ReportFile(options.reportPath);
  const isShared = options.isJson && process.stdout.isTTY === true;
  const isLive = process.stderr.isTTY === true && options.mayRedraw && !isShared;
  const terminal = await Terminal.open(process.stderr, isLive, options.isQuiet);
  interrupted.speakBy((text) => terminal.warn(text));
  const { signal } = interrupted;
  const [startMs, startedMs] = [performance.now(), Date.now()];
  const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const findings: BenchFinding[] = [];
  let isKnown = () => {};
  const known = new Promise<void>((resolve) => {
    isKnown = resolve;
  });
  const tell = (finding: BenchFinding) => {
    findings.push(finding);
    if (options.isJson) print(finding);
    if (finding.type === 'warning') terminal.warn(`warning: ${finding.message}`);
    if (finding.type === 'server') {
      isKnown();
      const { target, version, allocator } = finding;
      terminal.say(
        `sess2redis bench: ${target}, Redis ${version}, ${allocator} (${options.profile.name}, Odoo ${odoo})`,
      );
    }
  };

  let failure: unknown = null;
  try {
    const work = measureSessions(bench, { tell, progress: drawnOn(terminal), signal });
    // A given server may say nothing, and has nothing of ours before it is known; a private one is waited for.
    if (bench.target !== null) await unlessAborted(Promise.race([work, known]), signal);
    await work;
  } catch (error) {
    // What fails because it was interrupted is no failure of its own.
    if (!signal.aborted) failure = error;
  }
  terminal.clear();

  const stopped = failure ?? (signal.aborted ? signal.reason : null);
  const title = { profile: options.profile.name, odoo, elapsedMs: performance.now() - startMs };
  const summary = summarizeBench(findings, title, exitCodeOf(stopped), stopped as Error | null);
  const text = renderBench(findings, stylesFor(process.stdout.isTTY === true && options.mayColour));
  if (!options.isJson && text !== '') process.stdout.write(`${text}\n`);
  if (reportFile !== null && findings.length > 0) {
    await reportFile.write(benchReport(findings, summary, startedMs));
    terminal.say(`report: ${reportFile.path}`);
  }
  // The last line of --json is then the failure's.
  if (failure !== null) throw failure;
  if (options.isJson) print(summary);
  if (stopped !== null) terminal.warn(`sess2redis: ${(stopped as Error).message}`);
  interrupted.done();
  return summary.exitCode;
}

function exitCodeOf(stopped: unknown): ExitCode {
  if (stopped instanceof OperatorError) return stopped.exitCode;
  return stopped === null ? EXIT.complete : EXIT.unexpected;
}

/** What is under way, on the terminal's live line; nothing elsewhere, where findings come one by one. */
function drawnOn(terminal: Terminal): (what: string, done: number, of: number) => void {
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastWhat = '';
  return (what, done, of) => {
    const nowMs = performance.now();
    if (!terminal.isLive || (what === lastWhat && nowMs - lastMs < REDRAW_INTERVAL_MS)) return;
    [lastMs, lastWhat] = [nowMs, what];
    terminal.draw(
      `${what}: ${done > 0 ? `${formatCount(done)} of ` : ''}${formatCount(of)}`.slice(0, terminal.columns),
    );
  };
}
