import {
  type BenchFinding,
  benchFindingsOf,
  type FileStep,
  type MemoryStep,
  type MigrateRate,
} from '../bench/findings.js';
import type { ExitCode } from '../errors.js';
import { formatBytes, formatCount, formatDuration } from '../units.js';
import { PLAIN, type Styles, table } from './text.js';

/** Everything that a benchmark found, for a person to read; nothing for nothing. */
export function renderBench(findings: readonly BenchFinding[], styles: Styles = PLAIN): string {
  const of = <T extends BenchFinding['type']>(type: T) => benchFindingsOf(findings, type);
  const parts: string[] = [];
  if (of('step').length > 0) parts.push(`${styles.bold('memory of the server')}\n${renderSteps(of('step'))}`);
  for (const { bytesPerSession, interceptBytes, r2 } of of('fit')) {
    parts.push(
      `  used_memory = ${formatBytes(interceptBytes)} + ${bytesPerSession.toFixed(1)} bytes per session, R2 ${r2.toFixed(6)}`,
    );
  }
  if (of('files').length > 0) parts.push(`\n${styles.bold('the same sessions as files')}\n${renderFiles(of('files'))}`);
  for (const { sessions, elapsedMs, sessionsPerSecond } of of('files-deleted')) {
    parts.push(
      `  deleted ${formatCount(sessions)} one by one in ${formatDuration(elapsedMs)}, ${formatCount(sessionsPerSecond)}/s`,
    );
  }
  if (of('migrate-rate').length > 0)
    parts.push(`\n${styles.bold('migrate, from files into Redis')}\n${renderRates(of('migrate-rate'))}`);
  return parts.join('\n');
}

function renderSteps(steps: readonly MemoryStep[]): string {
  const head = ['sessions', 'used', 'per session', 'model', 'RSS', 'fragmentation', 'peak', 'loaded at'];
  const rows = steps.map((step) => [
    formatCount(step.sessions),
    formatBytes(step.usedMemoryBytes),
    `${step.bytesPerSession.toFixed(1)} B`,
    percent(step.predictionError),
    formatBytes(step.rssBytes),
    step.fragmentationRatio.toFixed(2),
    formatBytes(step.peakMemoryBytes),
    `${formatCount(step.sessionsPerSecond)}/s`,
  ]);
  const last = steps.at(-1) as MemoryStep;
  const sizes = `keys of ${last.keyBytes.toFixed(1)} bytes and values of ${last.valueBytes.toFixed(1)} on average`;
  return `${table([head, ...rows], [0, 1, 2, 3, 4, 5, 6, 7])}\n  ${sizes}`;
}

function renderFiles(steps: readonly FileStep[]): string {
  const head = ['files', 'bytes', 'on disk', 'per session', 'directories', 'inodes', 'write', 'list', 'stat', 'read'];
  const rows = steps.map((step) => [
    formatCount(step.sessions),
    formatBytes(step.apparentBytes),
    formatBytes(step.allocatedBytes),
    `${formatCount(step.allocatedPerSession)} B`,
    formatBytes(step.directoryBytes),
    formatCount(step.inodes),
    ...[step.writeMs, step.listMs, step.statMs, step.readMs].map(formatDuration),
  ]);
  return table([head, ...rows], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
}

function renderRates(rates: readonly MigrateRate[]): string {
  const head = ['cache', 'sessions', 'written', 'time', 'sessions/s', 'memory'];
  const rows = rates.map((rate) => [
    rate.cache,
    formatCount(rate.sessions),
    formatCount(rate.written),
    formatDuration(rate.elapsedMs),
    formatCount(rate.sessionsPerSecond),
    formatBytes(rate.peakRssBytes),
  ]);
  return table([head, ...rows], [1, 2, 3, 4, 5]);
}

/** How far the model is off: `+0.1 %` says too much. */
function percent(error: number): string {
  return `${error >= 0 ? '+' : ''}${(error * 100).toFixed(2)} %`;
}

/** The last line of `bench --json`. What was not measured is null. */
export interface BenchSummary {
  type: 'summary';
  version: number;
  command: 'bench';
  dryRun: false;
  profile: string;
  odoo: string;
  target: string | null;
  /** Sessions of the largest step. */
  sessions: number | null;
  bytesPerSession: number | null;
  interceptBytes: number | null;
  r2: number | null;
  files: number | null;
  allocatedPerSession: number | null;
  elapsedMs: number;
  peakRssBytes: number;
  exitCode: ExitCode;
  stopped?: string;
}

export function summarizeBench(
  findings: readonly BenchFinding[],
  { profile, odoo, elapsedMs }: { profile: string; odoo: string; elapsedMs: number },
  exitCode: ExitCode,
  stopped: Error | null,
): BenchSummary {
  const last = <T extends BenchFinding['type']>(type: T) => benchFindingsOf(findings, type).at(-1);
  const [step, fit, files] = [last('step'), last('fit'), last('files')];
  return {
    type: 'summary',
    version: 1,
    command: 'bench',
    dryRun: false,
    profile,
    odoo,
    target: last('server')?.target ?? null,
    sessions: step?.sessions ?? null,
    // A single step gives no line: what it measured itself, then.
    bytesPerSession: fit?.bytesPerSession ?? step?.bytesPerSession ?? null,
    interceptBytes: fit?.interceptBytes ?? null,
    r2: fit?.r2 ?? null,
    files: files?.sessions ?? null,
    allocatedPerSession: files?.allocatedPerSession ?? null,
    elapsedMs: Math.round(elapsedMs),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    exitCode,
    ...(stopped !== null && { stopped: stopped.message }),
  };
}
