import { REMAINING_HOURS, type Statistics } from '../../counts/statistics.js';
import type { Cliff, Span } from '../../counts/time-histogram.js';
import type { DirectoryHealth } from '../../source/directories.js';
import { formatBytes, formatCount, formatDuration } from '../../units.js';
import { renderRejectKinds } from '../lists.js';
import { PLAIN, type Styles, table } from '../text.js';
import { describeDuration } from './capacity.js';
import type { AuditFindings, Sum } from './findings.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** What every table of sessions ends with. */
const SUM_TITLES = ['sessions', 'logins', 'would move', 'files', 'on disk', 'in Redis'];

/** The findings for a person: the verdict first, and only tables that have something to tell apart. */
export function renderFindings(findings: AuditFindings, styles: Styles = PLAIN): string {
  const parts: string[] = [];
  const add = (title: string, body: string) => {
    if (body !== '') parts.push(`${styles.bold(title)}\n${body}`);
  };
  add('verdict', renderCapacity(findings, styles));
  if (findings.generations.length > 0) add('sessions', renderSessions(findings));
  add('time', renderTimes(findings));
  add('dead weight', renderDeadWeight(findings));
  add('rejects', renderRejectKinds(findings.rejects));
  add('directories', renderDirectories(findings.directories));
  return parts.join('\n\n');
}

function renderCapacity({ capacity, cliff }: AuditFindings, styles: Styles): string {
  const { isGo, reason, sessions, basis, bytesPerSession } = capacity;
  const word = isGo === null ? styles.warn('open') : isGo ? styles.good('go') : styles.bad('no go');
  const lines = [`  ${word}: ${reason}`];
  if (sessions > 0) {
    const origin =
      basis === 'canary' ? 'as a canary in this Redis took' : 'by the model of Redis 7 (key, value, tables)';
    lines.push(`  ${formatBytes(bytesPerSession)} a session ${origin}; ${describeDuration(capacity)}`);
  }
  if (cliff !== null) lines.push(`  ${styles.warn('cliff')}: ${describeCliff(cliff)}`);
  return lines.join('\n');
}

/** One table for everything by which sessions are told apart; a heading that has one member says nothing new. */
function renderSessions(findings: AuditFindings): string {
  const { sources, generations, classes, databases, otherDatabases } = findings;
  const rows: string[][] = [['', ...SUM_TITLES]];
  const group = (title: string, members: readonly [string, Sum][]) => {
    members.forEach(([name, sum], i) => {
      rows.push([`${i === 0 ? title : ''}`.padEnd(9) + name, ...sumCells(sum)]);
    });
  };
  group(
    generations[0]?.sids === null ? 'format' : 'Odoo',
    generations.map((row) => {
      if (row.sids === null) return [row.format, row];
      const ids = row.sids === 'hex40' ? '40 hex' : `${row.sids.slice(-2)} chars`;
      return [`${row.writtenBy} (${row.layout}, ${row.format}, ${ids})`, row];
    }),
  );
  if (sources.length > 1) {
    group(
      'store',
      sources.map((row) => [row.source, row]),
    );
  }
  group(
    'class',
    classes.map((row) => [row.sessionClass, row]),
  );
  group(
    'database',
    databases.map((row) => [row.database ?? '(none)', row]),
  );
  if (otherDatabases !== null) group('', [[describeOthers(otherDatabases.databases), otherDatabases]]);
  return table(rows, [1, 2, 3, 4, 5, 6]);
}

export function describeOthers(databases: number | null): string {
  return databases === null ? 'all other databases' : `${formatCount(databases)} other databases`;
}

function sumCells(sum: Sum): string[] {
  return [
    formatCount(sum.sessions),
    formatCount(sum.logins),
    formatCount(sum.moving),
    formatBytes(sum.sourceBytes),
    formatBytes(sum.allocatedBytes),
    formatBytes(sum.valueBytes),
  ];
}

/** Ages and expiries side by side: the same spans. */
function renderTimes({ ages, expiries }: AuditFindings): string {
  const rows = ages
    .map((span, i) => [spanName(span), span.sessions, expiries[i]?.sessions ?? 0] as const)
    .filter(([, age, expiry]) => age + expiry > 0)
    .map(([name, age, expiry]) => [name, formatCount(age), formatCount(expiry)]);
  return rows.length === 0 ? '' : table([['', 'since last save', 'left to live'], ...rows], [1, 2]);
}

function spanName({ fromHours, toHours }: Span): string {
  if (toHours === null) return `over ${formatDuration(fromHours * HOUR_MS)}`;
  return fromHours === 0
    ? `under ${formatDuration(toHours * HOUR_MS)}`
    : `${shortHours(fromHours)} to ${formatDuration(toHours * HOUR_MS)}`;
}

/** A lower bound: with the unit of the upper one it reads as one quantity. */
function shortHours(hours: number): string {
  return hours % 24 === 0 ? `${hours / 24} d` : `${hours} h`;
}

export function describeCliff({ inMinutes, minutes, sessions, share }: Cliff): string {
  return (
    `${formatCount(sessions)} sessions (${Math.round(share * 100)} % of what moves) end within ${minutes} minutes, ` +
    `${formatDuration(inMinutes * MINUTE_MS)} from now: were the times lost in a restore?`
  );
}

function renderDeadWeight({ deadWeight }: AuditFindings): string {
  if (deadWeight.length === 0) return '';
  const rows = deadWeight.map(({ kind, meaning, files, bytes, allocatedBytes }) => [
    kind,
    formatCount(files),
    formatBytes(bytes),
    formatBytes(allocatedBytes),
    meaning,
  ]);
  return table([['', 'files', 'bytes', 'on disk', ''], ...rows], [1, 2, 3]);
}

function renderDirectories(directories: readonly DirectoryHealth[]): string {
  return directories
    .map(({ source, directories: count, entries, indexBytes, largest, inodes }) => {
      const fullest = largest[0];
      const mean = formatCount(entries / Math.max(count, 1));
      const lines = [
        `  ${source}: ${formatCount(entries)} names in ${formatCount(count)} ${count === 1 ? 'directory' : 'directories'}` +
          `, ${mean} each, ${formatBytes(indexBytes)} of index`,
      ];
      if (fullest !== undefined && count > 1) {
        const { path, entries: names, indexBytes: bytes } = fullest;
        lines.push(`  fullest: ${path} with ${formatCount(names)} names, ${formatBytes(bytes)} of index`);
      }
      if (inodes !== null) {
        const share = Math.round((inodes.used / inodes.total) * 100);
        lines.push(
          `  its file system uses ${formatCount(inodes.used)} of ${formatCount(inodes.total)} inodes (${share} %)`,
        );
      }
      return lines.join('\n');
    })
    .join('\n');
}

/** The findings as `--json` lines: `{"type":"audit","section":...}`, one line per row of a table. */
export function auditLines(findings: AuditFindings): object[] {
  const section = (name: string, rows: readonly object[]) =>
    rows.map((row) => ({ type: 'audit', section: name, ...row }));
  const { otherDatabases, cliff } = findings;
  return [
    ...section('source', findings.sources),
    ...section('generation', findings.generations),
    ...section('class', findings.classes),
    ...section('database', findings.databases),
    ...section('other-databases', otherDatabases === null ? [] : [otherDatabases]),
    ...section('age', findings.ages),
    ...section('expiry', findings.expiries),
    ...section('expiry-cliff', cliff === null ? [] : [cliff]),
    ...section('dead-weight', findings.deadWeight),
    ...section('directory', findings.directories),
    ...section('capacity', [findings.capacity]),
  ];
}

/** The lines of the first version, on which scripts rely: `shape` and `remaining`. */
export function firstLines(findings: AuditFindings, { remaining }: Pick<Statistics, 'remaining'>): object[] {
  const shapes = findings.generations.map((row) => ({
    type: 'shape',
    writtenBy: row.writtenBy,
    layout: row.layout,
    format: row.format,
    sids: row.sids,
    count: row.sessions,
    authenticated: row.logins,
    moving: row.moving,
    valueBytes: row.valueBytes,
    sourceBytes: row.sourceBytes,
  }));
  const left = REMAINING_HOURS.map((hours, i) => ({
    type: 'remaining',
    upToHours: hours === Number.POSITIVE_INFINITY ? null : hours,
    sessions: remaining[i],
  }));
  return [...shapes, ...left];
}
