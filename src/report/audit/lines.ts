import { REMAINING_HOURS, type Statistics } from '../../lane/statistics.js';
import type { AuditFindings } from './findings.js';

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
