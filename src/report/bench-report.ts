import { type BenchFinding, benchFindingsOf } from '../bench/findings.js';
import { formatBytes, formatCount, formatDuration } from '../quantities.js';
import { benchMemorySection, comparisonSection, filesSection, ratesSection } from './bench-sections.js';
import type { BenchSummary } from './bench-summary.js';
import type { RunReport, Section, Verdict } from './html/model.js';

/** From here on the steps lie on a line for every purpose. */
const UNIFORM_R2 = 0.999;

/** The report of a benchmark. @param startedMs epoch milliseconds */
export function benchReport(findings: readonly BenchFinding[], summary: BenchSummary, startedMs: number): RunReport {
  const of = <T extends BenchFinding['type']>(type: T) => benchFindingsOf(findings, type);
  const [server] = of('server');
  const [deletion] = of('files-deleted');
  const [fit = null] = of('fit');
  const { target, profile, odoo, elapsedMs, peakRssBytes } = summary;
  const labelled = (label: string, value: string | null | undefined) => (value ? [{ label, value }] : []);
  return {
    command: 'bench',
    subject: [
      ...labelled('server', target),
      ...labelled('version', server && `Redis ${server.version}, ${server.allocator}`),
      { label: 'reader', value: profile },
      { label: 'sessions of', value: `Odoo ${odoo}` },
    ],
    startedMs,
    verdict: verdictOf(summary),
    notes: of('warning').map(({ message }) => ({ kind: 'warning', text: message })),
    facts: [
      ...labelled('sessions', summary.sessions === null ? null : formatCount(summary.sessions)),
      ...labelled('files', summary.files === null ? null : formatCount(summary.files)),
      ...labelled('deleted', deletion && `${formatCount(deletion.sessionsPerSecond)} files/s`),
      { label: 'time', value: formatDuration(elapsedMs) },
      { label: 'own memory', value: formatBytes(peakRssBytes) },
    ],
    sections: [
      benchMemorySection(of('step'), fit),
      comparisonSection(of('step').at(-1), of('files').at(-1)),
      filesSection(of('files')),
      ratesSection(of('migrate-rate')),
    ].filter((section): section is Section => section !== null),
  };
}

function verdictOf({
  bytesPerSession,
  interceptBytes,
  r2,
  allocatedPerSession,
  exitCode,
  stopped,
}: BenchSummary): Verdict {
  const sentences: string[] = [];
  if (stopped !== undefined) sentences.push(`Stopped early (exit code ${exitCode}): ${stopped}.`);
  if (bytesPerSession === null) return { tone: 'bad', headline: 'Nothing was measured', sentences };
  if (r2 !== null && interceptBytes !== null) {
    const growth = r2 >= UNIFORM_R2 ? 'Memory grows uniformly' : 'Memory does not grow uniformly';
    sentences.push(
      `${growth}: ${formatBytes(interceptBytes)} and ${bytesPerSession.toFixed(1)} bytes per session, R² ${r2.toFixed(6)}.`,
    );
  }
  sentences.push(`A million such sessions take ${formatBytes(bytesPerSession * 1e6)} of Redis memory.`);
  const disk = allocatedPerSession === null ? '' : ` and ${formatCount(allocatedPerSession)} on the disk`;
  return {
    tone: stopped === undefined ? 'good' : 'warn',
    headline: `A session takes ${formatCount(bytesPerSession)} bytes in Redis${disk}`,
    sentences,
  };
}
