import type { FileStep, MemoryFit, MemoryStep, MigrateRate } from '../bench/findings.js';
import type { Section, Unit } from './html/model.js';

/** The server by number of sessions, and the line through it. */
export function benchMemorySection(steps: readonly MemoryStep[], fit: MemoryFit | null): Section | null {
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
  const rows = steps.map((step) => [
    ...[step.sessions, step.usedMemoryBytes, step.bytesPerSession, step.predictedBytes / step.sessions, step.rssBytes],
    step.fragmentationRatio.toFixed(2),
    ...[step.peakMemoryBytes, step.sessionsPerSecond],
  ]);
  return {
    title: 'Memory of the server',
    lead:
      `Keys of ${last.keyBytes.toFixed(1)} bytes and values of ${last.valueBytes.toFixed(1)} on average. Measured at rest: while ` +
      'Redis moves to larger tables the old ones are there too, which is what the peak shows.',
    figure: {
      kind: 'lines',
      title: 'Memory of the server by number of sessions',
      axis: 'sessions',
      unit: 'count',
      valueUnit: 'bytes',
      lines,
    },
    table: {
      columns: columns(
        'Sessions count',
        'Used bytes',
        'Per session bytes',
        'Model says bytes',
        'RSS bytes',
        'Fragmentation',
        'Peak bytes',
        'Loaded/s count',
      ),
      rows,
    },
  };
}

/** A session in Redis beside its file. */
export function comparisonSection(step: MemoryStep | undefined, files: FileStep | undefined): Section | null {
  if (step === undefined || files === undefined) return null;
  const bars = [
    { name: 'the session itself', value: Math.round(files.apparentBytes / files.sessions) },
    { name: 'in Redis', value: Math.round(step.bytesPerSession) },
    { name: 'on the disk', value: Math.round(files.allocatedPerSession) },
  ];
  return {
    title: 'One session, three sizes',
    lead: 'A file takes whole blocks of its disk, and its share of a directory.',
    figure: { kind: 'bars', title: 'Bytes of one session', unit: 'bytes', bars },
  };
}

/** The disk by number of sessions. */
export function filesSection(steps: readonly FileStep[]): Section | null {
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
      lines: [
        { name: 'on the disk', points: steps.map(({ sessions, allocatedBytes }) => [sessions, allocatedBytes]) },
        {
          name: 'bytes of the sessions',
          points: steps.map(({ sessions, apparentBytes }) => [sessions, apparentBytes]),
        },
      ],
    },
    table: {
      columns: columns(
        'Files count',
        'Bytes bytes',
        'On disk bytes',
        'Per session bytes',
        'Directories bytes',
        'Inodes count',
        'Write ms',
        'List ms',
        'Stat ms',
        'Read ms',
      ),
      rows: steps.map((step) => [
        ...[step.sessions, step.apparentBytes, step.allocatedBytes, step.allocatedPerSession, step.directoryBytes],
        ...[step.inodes, step.writeMs, step.listMs, step.statMs, step.readMs],
      ]),
    },
  };
}

/** How fast the files went into Redis. */
export function ratesSection(rates: readonly MigrateRate[]): Section | null {
  if (rates.length === 0) return null;
  return {
    title: 'Migrate, from these files into Redis',
    lead: 'The whole process, from its start to its end.',
    figure: {
      kind: 'bars',
      title: 'Sessions per second',
      unit: 'count',
      bars: rates.map(({ cache, sessionsPerSecond }) => ({
        name: `${cache} cache`,
        value: Math.round(sessionsPerSecond),
      })),
    },
    table: {
      columns: columns('Cache', 'Sessions count', 'Written count', 'Time ms', 'Per second count', 'Memory bytes'),
      rows: rates.map((rate) => [
        rate.cache,
        ...[rate.sessions, rate.written, rate.elapsedMs, rate.sessionsPerSecond, rate.peakRssBytes],
      ]),
    },
  };
}

const UNITS: readonly Unit[] = ['count', 'bytes', 'ms'];

/** A title's last word is its unit, where it is one. */
function columns(...titles: readonly string[]): { title: string; unit?: Unit }[] {
  return titles.map((title) => {
    const unit = UNITS.find((name) => title.endsWith(` ${name}`));
    return unit === undefined ? { title } : { title: title.slice(0, -unit.length - 1), unit };
  });
}
