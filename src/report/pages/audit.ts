import { EXIT, EXIT_MEANINGS } from '../../errors.js';
import { formatBytes, formatCount, formatDuration } from '../../units.js';
import { type Capacity, describeDuration } from '../audit/capacity.js';
import type { AuditFindings, Sum } from '../audit/findings.js';
import { describeOthers } from '../audit/text.js';
import { rejectKindsSection } from '../lists.js';
import type { RunReport, Section, Table, Verdict } from '../section.js';
import { capitalised, factsOf, notesOf, type ReportedPass, subjectOf } from './pass.js';
import { outcomesSection, rejectsSection, sizesSection, throughputSection, timeSections } from './sections.js';

/** The report of an audit: the verdict, what the store is made of, what would become of it. */
export function auditReport(pass: ReportedPass, findings: AuditFindings): RunReport {
  return {
    command: 'audit',
    subject: subjectOf(pass),
    startedMs: pass.startedMs,
    verdict: verdictOf(pass, findings),
    notes: notesOf(pass, findings.capacity.reason),
    facts: [
      ...factsOf(pass.end.summary).slice(0, 4),
      { label: 'memory in Redis', value: formatBytes(findings.capacity.growthBytes) },
      { label: 'to move them', value: formatDuration(findings.capacity.durationMs) },
      { label: 'on disk', value: formatBytes(sum(findings.sources, 'allocatedBytes')) },
      { label: 'audited in', value: formatDuration(pass.end.summary.elapsedMs) },
    ],
    sections: [
      outcomesSection(pass.end),
      rejectKindsSection(pass.end.summary.rejectKinds),
      rejectsSection(pass.end),
      ...compositionSections(findings),
      ...timeSections(pass.statistics),
      sizesSection(pass.statistics),
      deadWeightSection(findings),
      directoriesSection(findings),
      throughputSection(pass.samples, pass.end.summary),
    ].filter((section): section is Section => section !== null),
  };
}

function verdictOf({ end }: ReportedPass, { capacity }: AuditFindings): Verdict {
  const { exitCode, stopped } = end.summary;
  const { isGo, reason } = capacity;
  const isWhole = exitCode === EXIT.complete || exitCode === EXIT.rejects || exitCode === EXIT.nothing;
  return {
    tone: !isWhole || isGo === false ? 'bad' : isGo === null ? 'neutral' : exitCode === EXIT.rejects ? 'warn' : 'good',
    headline: isWhole ? headlineOf(capacity) : `Stopped early: ${EXIT_MEANINGS[exitCode]}`,
    sentences: [
      `${capitalised(stopped ?? reason)}.`,
      ...(capacity.sessions > 0 ? [`${capitalised(describeDuration(capacity))}.`] : []),
    ],
  };
}

function headlineOf({ isGo, sessions }: Capacity): string {
  if (isGo === null) return `${formatCount(sessions)} sessions would move`;
  return isGo ? `Go: ${formatCount(sessions)} sessions would move, and they fit` : 'No go';
}

/** By generation, class, database and store: a table of one row says nothing new. */
function compositionSections(findings: AuditFindings): Section[] {
  const { generations, classes, databases, otherDatabases, sources } = findings;
  const sections: Section[] = [];
  if (generations.length > 0) {
    sections.push({
      title: 'Generations of Odoo',
      lead: 'Told from each file: where it lies, how it is written, and the length of its id.',
      table: tableOf(
        'As written by',
        generations.map((row) => [`${row.writtenBy} (${row.layout} ${row.format})`, row]),
      ),
    });
    sections.push({
      title: 'Classes',
      lead: 'Who the sessions belong to; readers give visitors without a login less time.',
      figure: {
        kind: 'bars',
        title: 'Sessions by class',
        unit: 'count',
        bars: classes.map(({ sessionClass, sessions }) => ({ name: sessionClass, value: sessions })),
      },
      table: tableOf(
        'Class',
        classes.map((row) => [row.sessionClass, row]),
      ),
    });
  }
  const named: [string, Sum][] = databases.map((row) => [row.database ?? '(none)', row]);
  if (otherDatabases !== null) named.push([describeOthers(otherDatabases.databases), otherDatabases]);
  if (named.length > 1) sections.push({ title: 'Databases', table: tableOf('Database', named) });
  if (sources.length > 1) {
    const rows: [string, Sum][] = sources.map((row) => [row.source, row]);
    sections.push({ title: 'Stores', table: tableOf('Store', rows) });
  }
  return sections;
}

function tableOf(title: string, rows: readonly [string, Sum][]): Table {
  return {
    columns: [
      { title },
      { title: 'Sessions', unit: 'count' },
      { title: 'Logins', unit: 'count' },
      { title: 'Would move', unit: 'count' },
      { title: 'Files', unit: 'bytes' },
      { title: 'On disk', unit: 'bytes' },
      { title: 'In Redis', unit: 'bytes' },
    ],
    rows: rows.map(([name, row]) => [
      name,
      row.sessions,
      row.logins,
      row.moving,
      row.sourceBytes,
      row.allocatedBytes,
      row.valueBytes,
    ]),
  };
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
      bars: deadWeight.map(({ kind, allocatedBytes }) => ({
        name: kind,
        value: allocatedBytes,
        tone: 'warn' as const,
      })),
    },
    table: {
      columns: [
        { title: 'What' },
        { title: 'Files', unit: 'count' },
        { title: 'Bytes', unit: 'bytes' },
        { title: 'On disk', unit: 'bytes' },
        { title: 'Meaning' },
      ],
      rows: deadWeight.map(({ kind, files, bytes, allocatedBytes, meaning }) => [
        kind,
        files,
        bytes,
        allocatedBytes,
        meaning,
      ]),
    },
  };
}

function directoriesSection({ directories }: AuditFindings): Section | null {
  if (directories.length === 0) return null;
  const rows = directories.flatMap(({ source, entries, directories: count, indexBytes, largest }) => [
    [`${source} (${formatCount(count)} ${count === 1 ? 'directory' : 'directories'})`, entries, indexBytes],
    ...(count === 1 ? [] : largest.map((directory) => [directory.path, directory.entries, directory.indexBytes])),
  ]);
  const inodes = directories.flatMap(({ source, inodes: of }) =>
    of === null
      ? []
      : [`The file system of ${source} uses ${formatCount(of.used)} of ${formatCount(of.total)} inodes.`],
  );
  return {
    title: 'Directories',
    lead: ['The index is the directory file itself: it grows with every name and never shrinks.', ...inodes].join(' '),
    table: {
      columns: [{ title: 'Directory' }, { title: 'Names', unit: 'count' }, { title: 'Index', unit: 'bytes' }],
      rows,
    },
  };
}

function sum<K extends keyof Sum>(rows: readonly Sum[], key: K): number {
  return rows.reduce((total, row) => total + row[key], 0);
}
