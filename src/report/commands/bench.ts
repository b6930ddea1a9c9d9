import {
  type BenchFinding,
  benchFindingsOf,
  type FileDeletion,
  type FileStep,
  type MemoryFit,
  type MemoryStep,
  type MigrateRate,
} from '../../bench/findings.js';
import { formatBytes, formatCount, formatDuration } from '../../units.js';
import { capitalised, columnsOf, type RunReport, type Section, type Verdict } from '../section.js';
import type { BenchSummary } from '../summary.js';

/** The memory of the server by number of sessions, and the line fitted to it. */
function serverSection(steps: readonly MemoryStep[], fit: MemoryFit | null): Section | null {
  const last = steps.at(-1);
  if (last === undefined) return null;
  const lines: { name: string; points: [number, number][] }[] = [
    { name: 'used memory', points: steps.map((step) => [step.sessions, step.usedMemoryBytes]) },
    { name: 'resident (RSS)', points: steps.map((step) => [step.sessions, step.rssBytes]) },
  ];
  if (fit !== null) {
    const at = (sessions: number) => fit.interceptBytes + fit.bytesPerSession * sessions;
    lines.push({ name: 'line through used memory', points: steps.map(({ sessions }) => [sessions, at(sessions)]) });
  }
  const sizes = `keys of ${last.keyBytes.toFixed(1)} bytes and values of ${last.valueBytes.toFixed(1)} on average`;
  return {
    title: 'Memory of the server',
    lead:
      `${capitalised(sizes)}. Measured at rest: while Redis moves to larger tables the old ones are there too, which is what the ` +
      'peak shows.',
    figure: {
      kind: 'lines',
      title: 'Memory of the server by number of sessions',
      axis: 'sessions',
      unit: 'count',
      valueUnit: 'bytes',
      valueAxis: 'memory',
      lines,
    },
    table: {
      columns: columnsOf({
        Sessions: 'count',
        Used: 'bytes',
        'Per session': 'bytesEach',
        Model: 'share',
        RSS: 'bytes',
        Fragmentation: 'ratio',
        Peak: 'bytes',
        'Loaded at': 'perSecond',
      }),
      rows: steps.map((step) => [
        ...[step.sessions, step.usedMemoryBytes, step.bytesPerSession, step.predictionError, step.rssBytes],
        ...[step.fragmentationRatio, step.peakMemoryBytes, step.sessionsPerSecond],
      ]),
    },
    lines: [sizes, ...(fit === null ? [] : [describeFit(fit)])],
  };
}

function describeFit({ interceptBytes, bytesPerSession, r2 }: MemoryFit): string {
  const line = `${formatBytes(interceptBytes)} + ${bytesPerSession.toFixed(1)} bytes per session`;
  return `used_memory = ${line}, R2 ${r2.toFixed(6)}`;
}

/** A session in Redis beside its file. */
function comparisonSection(step: MemoryStep | undefined, files: FileStep | undefined): Section | null {
  if (step === undefined || files === undefined) return null;
  const bars = [
    { name: 'the session itself', value: Math.round(files.apparentBytes / files.sessions) },
    { name: 'in Redis', value: Math.round(step.bytesPerSession) },
    { name: 'on the disk', value: Math.round(files.allocatedPerSession) },
  ];
  return {
    title: 'One session, three sizes',
    lead: 'A file takes whole blocks of its disk, and its share of a directory.',
    figure: { kind: 'bars', title: 'Bytes of one session', unit: 'bytes', axis: 'one session', bars },
  };
}

/** The disk by number of sessions. */
function filesSection(steps: readonly FileStep[], deletions: readonly FileDeletion[]): Section | null {
  if (steps.length === 0) return null;
  return {
    title: 'The same sessions as files',
    lead: 'Times of one thread, right after the files were written; "stat" asks for the metadata of each.',
    figure: {
      kind: 'lines',
      title: 'Disk by number of sessions',
      axis: 'sessions',
      unit: 'count',
      valueUnit: 'bytes',
      valueAxis: 'disk',
      lines: [
        { name: 'on the disk', points: steps.map((step) => [step.sessions, step.allocatedBytes]) },
        { name: 'bytes of the sessions', points: steps.map((step) => [step.sessions, step.apparentBytes]) },
      ],
    },
    table: {
      columns: columnsOf({
        Files: 'count',
        Bytes: 'bytes',
        'On disk': 'bytes',
        'Per session': 'bytesEach',
        Directories: 'bytes',
        Inodes: 'count',
        Write: 'ms',
        List: 'ms',
        Stat: 'ms',
        Read: 'ms',
      }),
      rows: steps.map((step) => [
        ...[step.sessions, step.apparentBytes, step.allocatedBytes, step.allocatedPerSession, step.directoryBytes],
        ...[step.inodes, step.writeMs, step.listMs, step.statMs, step.readMs],
      ]),
    },
    lines: deletions.map(({ sessions, elapsedMs, sessionsPerSecond }) => {
      const rate = `${formatCount(sessionsPerSecond)}/s`;
      return `deleted ${formatCount(sessions)} one by one in ${formatDuration(elapsedMs)}, ${rate}`;
    }),
  };
}

/** How fast the files went into Redis. */
function ratesSection(rates: readonly MigrateRate[]): Section | null {
  if (rates.length === 0) return null;
  return {
    title: 'Migrate, from these files into Redis',
    lead: 'The whole process, from its start to its end.',
    figure: {
      kind: 'bars',
      title: 'Sessions per second',
      unit: 'count',
      axis: 'sessions per second',
      bars: rates.map((rate) => ({ name: `${rate.cache} cache`, value: Math.round(rate.sessionsPerSecond) })),
    },
    table: {
      columns: columnsOf({
        Cache: 'text',
        Sessions: 'count',
        Written: 'count',
        Time: 'ms',
        'Sessions/s': 'count',
        Memory: 'bytes',
      }),
      rows: rates.map((rate) => [
        rate.cache,
        ...[rate.sessions, rate.written, rate.elapsedMs, rate.sessionsPerSecond, rate.peakRssBytes],
      ]),
    },
  };
}

/** From this coefficient of determination on, the steps lie on a line for every practical purpose. */
const UNIFORM_R2 = 0.999;

/**
 * The report of a benchmark.
 * @param title whose sessions were made
 * @param startedMs epoch milliseconds
 */
export function benchReport(
  findings: readonly BenchFinding[],
  summary: BenchSummary,
  title: string,
  startedMs: number,
): RunReport {
  const of = <T extends BenchFinding['type']>(type: T) => benchFindingsOf(findings, type);
  const [server] = of('server');
  const [deletion] = of('files-deleted');
  const [fit = null] = of('fit');
  const { target, profile, elapsedMs, peakRssBytes } = summary;
  const labelled = (label: string, value: string | null | undefined) => (value ? [{ label, value }] : []);
  return {
    command: 'bench',
    subject: [
      ...labelled('server', target),
      ...labelled('version', server && `Redis ${server.version}, ${server.allocator}`),
      { label: 'reader', value: profile },
      { label: 'sessions of', value: title },
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
      serverSection(of('step'), fit),
      comparisonSection(of('step').at(-1), of('files').at(-1)),
      filesSection(of('files'), of('files-deleted')),
      ratesSection(of('migrate-rate')),
    ].filter((section) => section !== null),
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
