import { type BenchFinding, benchFindingsOf } from '../bench/findings.js';
import type { ExitCode } from '../exit-codes.js';

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
