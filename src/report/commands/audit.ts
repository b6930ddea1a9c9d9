import type { Span } from '../../counts/time-histogram.js';
import { EXIT, EXIT_MEANINGS } from '../../errors.js';
import { counted, formatBytes, formatCount, formatDuration } from '../../units.js';
import { type Capacity, describeDuration } from '../audit/capacity.js';
import type { AuditFindings, Sum } from '../audit/findings.js';
import { rejectKindsSection } from '../lists.js';
import { outcomesSection } from '../outcomes.js';
import { capitalised, columnsOf, type RunReport, type Section, type TextLine, type TonedWord } from '../section.js';
import { freezeAnswer, loginAnswers } from './answers.js';
import { isWhole, type ReportedPass, rejectsSection, reportOf } from './pass.js';
import { describeCliff, sizesSection, throughputSection, timeSections } from './pictures.js';

/** The report of an audit: the verdict, what the store consists of, and what would become of it. */
export function auditReport(pass: ReportedPass, findings: AuditFindings): RunReport {
  const { summary, statistics, samples } = pass;
  const { rejectKinds, exitCode, stopped } = summary;
  const { capacity, sources } = findings;
  const { isGo, reason, sessions } = capacity;
  const verdict = {
    tone:
      !isWhole(summary) || isGo === false
        ? 'bad'
        : isGo === null
          ? 'neutral'
          : exitCode === EXIT.rejects
            ? 'warn'
            : 'good',
    headline: isWhole(summary) ? headlineOf(capacity) : `Stopped early: ${EXIT_MEANINGS[exitCode]}`,
    sentences: [stopped ?? reason, ...(sessions > 0 ? [describeDuration(capacity)] : [])].map(
      (text) => `${capitalised(text)}.`,
    ),
  } as const;
  const onDisk = formatBytes(sources.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0));
  const { growthBytes, limitBytes, predictedBytes, durationMs } = capacity;
  const room =
    limitBytes === null || predictedBytes === null
      ? ''
      : `, ${formatBytes(Math.max(0, limitBytes - predictedBytes))} of ${formatBytes(limitBytes)} are left then`;
  const facts = [
    ...loginAnswers(summary, statistics, pass.tellsLogins),
    // The freeze reads everything again and writes little: it takes no longer than the migration.
    ...freezeAnswer(sessions > 0 ? durationMs : null),
    { label: 'memory in Redis', value: formatBytes(growthBytes), note: `now ${onDisk} on disk${room}` },
  ];
  const outcomes = outcomesSection(pass, 'entries');
  const sections = [
    { ...outcomes, only: 'page' as const },
    rejectKindsSection(rejectKinds),
    rejectsSection(pass),
    ...compositionSections(findings),
    spansSection(findings),
    ...timeSections(statistics, findings.words.lifetimeMs),
    sizesSection(statistics),
    deadWeightSection(findings),
    rejectKindsSection(rejectKinds, 'text'),
    ...directoriesSections(findings),
    throughputSection(samples, summary),
    // Last in the text: its end is what stays in view on a terminal.
    { ...outcomes, only: 'text' as const },
    { title: 'Verdict', only: 'text' as const, lines: verdictLines(findings) },
  ];
  return reportOf(pass, verdict, facts, sections, reason);
}

function headlineOf({ isGo, sessions }: Capacity): string {
  if (isGo === null) return `${counted(sessions, 'session')} would move`;
  return isGo
    ? `Go: ${counted(sessions, 'session')} would move, and ${sessions === 1 ? 'it fits' : 'they fit'}`
    : 'No go';
}

function verdictLines({ capacity, cliff }: AuditFindings): TextLine[] {
  const { isGo, reason, sessions, basis, bytesPerSession } = capacity;
  const word: TonedWord =
    isGo === null
      ? { text: 'open', tone: 'warn' }
      : isGo
        ? { text: 'go', tone: 'good' }
        : { text: 'no go', tone: 'bad' };
  const lines: TextLine[] = [[word, `: ${reason}`]];
  if (sessions > 0) {
    const origin =
      basis === 'canary' ? 'as a canary in this Redis took' : 'by the model of Redis 7 (key, value, tables)';
    lines.push(`${formatBytes(bytesPerSession)} a session ${origin}; ${describeDuration(capacity)}`);
  }
  if (cliff !== null) lines.push([{ text: 'cliff', tone: 'warn' }, `: ${describeCliff(cliff)}`]);
  return lines;
}

/** Sessions by generation, store, class and database. A table that would have a single row is left out of the page. */
function compositionSections(findings: AuditFindings): Section[] {
  const { generations, classes, databases, otherDatabases, sources, words } = findings;
  if (generations.length === 0) return [];
  const named: [string, Sum][] = databases.map((row) => [row.database ?? '(none)', row]);
  if (otherDatabases !== null) {
    const { databases: count } = otherDatabases;
    named.push([count === null ? 'all other databases' : `${formatCount(count)} other databases`, otherDatabases]);
  }
  const byClass: [string, Sum][] = classes.map((row) => [row.sessionClass, row]);
  // Where ids are of kinds, sessions have databases, and logins that can be told.
  const hasKinds = generations[0]?.sids !== null;
  const hasLogins = hasKinds || classes.some(({ sessionClass }) => /^(login|anonymous)$/.test(sessionClass));
  const sums = (...[title, what, rows]: [string, string, [string, Sum][]]) => sumsSection(title, what, rows, hasLogins);
  const byGeneration = generations.map((row): [string, Sum] => [words.describe(row), row]);
  const stores: [string, Sum][] = sources.map((row) => [row.source, row]);
  return [
    {
      ...sums(words.generations, words.generation, byGeneration),
      lead: 'Told from each file: where it lies, how it is written, and the length of its id.',
    },
    ...(stores.length > 1 ? [sums('Stores', 'Store', stores)] : []),
    {
      ...sums('Classes', 'Class', byClass),
      lead: 'Who the sessions belong to; a reader may give visitors without a login less time.',
      figure: {
        kind: 'bars',
        title: 'Sessions by class',
        unit: 'count',
        axis: 'sessions',
        bars: classes.map(({ sessionClass, sessions }) => ({ name: sessionClass, value: sessions })),
      },
    },
    ...(hasKinds || named.length > 1
      ? [{ ...sums('Databases', 'Database', named), ...(named.length < 2 && { only: 'text' as const }) }]
      : []),
  ];
}

/** @param hasLogins whether logins can be told from other sessions */
function sumsSection(title: string, what: string, rows: readonly [string, Sum][], hasLogins: boolean): Section {
  return {
    title,
    textTitle: 'sessions',
    table: {
      columns: columnsOf({
        [what]: 'text',
        Sessions: 'count',
        ...(hasLogins && { Logins: 'count' as const }),
        'Would move': 'count',
        Files: { unit: 'bytes', only: 'page' },
        'On disk': 'bytes',
        'In Redis': 'bytes',
      }),
      rows: rows.map(([name, { sessions, logins, moving, sourceBytes, allocatedBytes, valueBytes }]) => [
        ...[name, sessions, ...(hasLogins ? [logins] : []), moving, sourceBytes, allocatedBytes, valueBytes],
      ]),
    },
  };
}

/** Ages and expiries side by side. The page has them as charts, in finer steps. */
function spansSection({ ages, expiries }: AuditFindings): Section | null {
  const rows = ages
    .map((span, i) => [spanName(span), span.sessions, expiries[i]?.sessions ?? 0] as const)
    .filter(([, age, expiry]) => age + expiry > 0);
  if (rows.length === 0) return null;
  const columns = columnsOf({ '': 'text', 'since last save': 'count', 'left to live': 'count' });
  return { title: 'Time', only: 'text', table: { columns, rows } };
}

const HOUR_MS = 3_600_000;

function spanName({ fromHours, toHours }: Span): string {
  if (toHours === null) return `over ${formatDuration(fromHours * HOUR_MS)}`;
  const to = formatDuration(toHours * HOUR_MS);
  if (fromHours === 0) return `under ${to}`;
  return `${fromHours % 24 === 0 ? `${fromHours / 24} d` : `${fromHours} h`} to ${to}`;
}

function deadWeightSection({ deadWeight }: AuditFindings): Section | null {
  if (deadWeight.length === 0) return null;
  return {
    title: 'Dead weight',
    lead: 'What nobody needs, and what it takes on disk. A file may be in more than one row.',
    figure: {
      kind: 'bars',
      title: 'Dead weight on disk',
      unit: 'bytes',
      axis: 'on disk',
      bars: deadWeight.map(({ kind, allocatedBytes }) => ({ name: kind, value: allocatedBytes, tone: 'neutral' })),
    },
    table: {
      columns: columnsOf({ What: 'text', Files: 'count', Bytes: 'bytes', 'On disk': 'bytes', Meaning: 'text' }),
      rows: deadWeight.map(({ kind, files, bytes, allocatedBytes, meaning }) => [
        ...[kind, files, bytes, allocatedBytes, meaning],
      ]),
    },
  };
}

/** How full the directories and their file systems are: in the text a few lines per store, on the page a table. */
function directoriesSections({ directories }: AuditFindings): Section[] {
  if (directories.length === 0) return [];
  const title = 'Directories';
  const lines = directories.flatMap(({ source, directories: count, entries, indexBytes, largest, inodes }) => {
    const places = `${formatCount(count)} ${count === 1 ? 'directory' : 'directories'}`;
    const mean = formatCount(entries / Math.max(count, 1));
    const [fullest] = largest;
    const store = `${source}: ${counted(entries, 'name')} in ${places}, ${mean} each, ${formatBytes(indexBytes)} of index`;
    const index = fullest && `${counted(fullest.entries, 'name')}, ${formatBytes(fullest.indexBytes)} of index`;
    const share = inodes && `${formatCount(inodes.used)} of ${formatCount(inodes.total)} inodes`;
    return [
      store,
      ...(fullest && count > 1 ? [`fullest: ${fullest.path} with ${index}`] : []),
      ...(inodes ? [`its file system uses ${share} (${Math.round((inodes.used / inodes.total) * 100)} %)`] : []),
    ];
  });
  const rows = directories.flatMap(({ largest }) =>
    largest.map(({ path, entries, indexBytes }) => [path, entries, indexBytes]),
  );
  const lead = `${lines.join('; ')}. The index is the directory file itself: it grows with every name and never shrinks.`;
  return [
    { title, only: 'text', lines },
    {
      title,
      only: 'page',
      lead,
      table: { columns: columnsOf({ Directory: 'text', Names: 'count', Index: 'bytes' }), rows },
    },
  ];
}
