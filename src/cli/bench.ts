import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { availableMemory } from 'node:process';
import type { ApplicationSettings } from '../applications/application-of.js';
import type { Generation } from '../applications/generator-of.js';
import { longLived, readerWords } from '../applications/reader-words.js';
import { type BenchOptions, measureSessions } from '../bench/bench.js';
import type { BenchFinding } from '../bench/findings.js';
import { checkMayDropCaches } from '../bench/migrate.js';
import { EXIT, type ExitCode, exitCodeOfError } from '../errors.js';
import { parseBenchChoices } from '../options/command-options.js';
import { parseOptions, type RunOptions } from '../options/run-options.js';
import type { SettledOptions } from '../options/settle.js';
import { type OptionName, optionsOf } from '../options/table.js';
import { benchReport } from '../report/commands/bench.js';
import { ReportFile } from '../report/report-file.js';
import { summarizeBench } from '../report/summary.js';
import { Terminal } from '../report/terminal.js';
import { renderText } from '../report/text.js';
import { styleFor } from '../report/text-table.js';
import { formatCount } from '../units.js';
import { interruption, unlessAborted } from './signals.js';

/** Options that say how the target is reached, besides its URL. */
const CONNECTION = optionsOf('bench').filter(
  ({ name, group, commands }) => group === 'Target' && name !== 'to' && commands.includes('migrate'),
);
const PASSWORDS = ['SESS2REDIS_PASSWORD', 'SESS2REDIS_SENTINEL_PASSWORD'];
/** An empty configuration: the operator's own holds what is for real migrations. */
const NO_CONFIGURATION = '--config=/dev/null';
const HOUR_MS = 3_600_000;
/** Nothing on the benchmark's own server dies while it is measured. */
const OWN_LIFETIME_MS = 14 * 24 * HOUR_MS;
/** A migrate into a server that is not the benchmark's own leaves nothing there for longer, whatever happens. */
const GIVEN_LIFETIME_MS = HOUR_MS;

/** How the benchmark starts migrates: with the operator's reader and target, and nothing else of the operator's. */
export function migrateSetup(
  command: readonly string[],
  options: RunOptions,
  settled: SettledOptions,
  environment: NodeJS.ProcessEnv,
): Pick<BenchOptions, 'migrate' | 'keysUnder'> {
  const { reader, pass, target } = options;
  // Nobody else is on the benchmark's own server.
  const reach =
    target === null
      ? ['--throttle=off']
      : givenWords(
          settled,
          CONNECTION.map(({ name }) => name),
        );
  const words = [NO_CONFIGURATION, ...reach, ...givenWords(settled, ['lanes'])];
  // The benchmark's own server has no password, and refuses whoever comes with one.
  const passwords = target === null ? [] : PASSWORDS;
  const kept = Object.entries(environment).filter(
    ([name]) => !name.startsWith('SESS2REDIS_') || passwords.includes(name),
  );
  const { application } = pass.lanes;
  const given = givenWords(settled, ['key-template', 'encoding']);
  const app = String(settled.value('app'));
  return {
    migrate: { command, words, environment: Object.fromEntries(kept) },
    keysUnder: (other) => readerWords({ reader, application, app, given }, other, GIVEN_LIFETIME_MS),
  };
}

/** Those of the options that the operator gave, as words of a command line. */
function givenWords(settled: SettledOptions, names: readonly OptionName[]): string[] {
  return names
    .filter((name) => settled.isGiven(name))
    .flatMap((name) => {
      const value = settled.value(name);
      return (Array.isArray(value) ? value : [value]).map((each) => `--${name}=${each}`);
    });
}

const REDRAW_INTERVAL_MS = 100;

/** Runs the benchmark and tells what it finds: lines as they come, a table or the summary at the end, the report. */
export async function measure(
  options: RunOptions,
  { title, release }: Generation,
  bench: BenchOptions,
): Promise<ExitCode> {
  const interrupted = interruption('what was measured stands, and nothing is left behind');
  const reportFile = options.reportPath === null ? null : new ReportFile(options.reportPath);
  const isShared = options.isJson && process.stdout.isTTY === true;
  const isLive = process.stderr.isTTY === true && options.mayRedraw && !isShared;
  const terminal = await Terminal.open(process.stderr, isLive, options.isQuiet);
  interrupted.setOutput((text) => terminal.warn(text));
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
      const whose = [...new Set([options.reader.name, title])].join(', ');
      terminal.say(`sess2redis bench: ${target}, Redis ${version}, ${allocator} (${whose})`);
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
  const about = { profile: options.reader.name, release, elapsedMs: performance.now() - startMs };
  const exitCode = stopped === null ? EXIT.complete : exitCodeOfError(stopped);
  const summary = summarizeBench(findings, about, exitCode, stopped as Error | null);
  const report = benchReport(findings, summary, title, startedMs);
  const text = renderText(report, { style: styleFor(process.stdout.isTTY === true && options.mayColour) });
  if (!options.isJson && text !== '') process.stdout.write(`${text}\n`);
  if (reportFile !== null && findings.length > 0) {
    await reportFile.write(report);
    terminal.say(`report: ${reportFile.path}`);
  }
  // The last line of --json is then the failure's.
  if (failure !== null) throw failure;
  if (options.isJson) print(summary);
  if (stopped !== null) terminal.warn(`sess2redis: ${(stopped as Error).message}`);
  interrupted.done();
  return summary.exitCode;
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

/** Measures what sessions cost in Redis and on the disk, and how fast they move from the one to the other. */
export async function runBench(settled: SettledOptions): Promise<ExitCode> {
  const named = parseOptions(settled, []);
  const lifetimeMs = named.target === null ? OWN_LIFETIME_MS : GIVEN_LIFETIME_MS;
  const options = withApplication(named, longLived(named.pass.lanes.application, lifetimeMs));
  const { application, key } = options.pass.lanes;
  const { seed, generation, ...choices } = parseBenchChoices(settled, options);
  if (choices.mayDropCaches) checkMayDropCaches();
  return measure(options, generation, {
    target: options.target,
    to: String(settled.value('to') ?? ''),
    recipe: { generator: { ...generation.settings, seed, movesAll: true, lifetimeMs }, application },
    key,
    path: process.env.PATH ?? '',
    temporary: tmpdir(),
    freeBytes: availableMemory,
    diskOf: (path) => statfsSync(path),
    ...migrateSetup([process.execPath, process.argv[1] as string], options, settled, process.env),
    ...choices,
  });
}

function withApplication(options: RunOptions, application: ApplicationSettings): RunOptions {
  return { ...options, pass: { ...options.pass, lanes: { ...options.pass.lanes, application } } };
}
