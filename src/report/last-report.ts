import { formatCount, formatMoment } from '../units.js';
import { columnsOf, type LabelledValue, type ReportRecord, type RunReport, type Section } from './section.js';

/** The record in a page, or null where there is none, for instance because somebody else wrote the file. */
export function recordIn(html: string): ReportRecord | null {
  const [, encoded] = /<meta name="sess2redis-record" content="([A-Za-z0-9+/=]*)">/.exec(html) ?? [];
  if (encoded === undefined) return null;
  try {
    const record = JSON.parse(Buffer.from(encoded, 'base64').toString()) as ReportRecord;
    const isSound =
      typeof record.command === 'string' &&
      typeof record.about === 'string' &&
      Number.isFinite(record.startedMs) &&
      Object.values(record.counts).every((count) => Number.isFinite(count));
    return isSound ? record : null;
  } catch {
    return null;
  }
}

/** The record of a report as a page holds it. */
export function recordMarkup(record: ReportRecord): string {
  return `<meta name="sess2redis-record" content="${Buffer.from(JSON.stringify(record)).toString('base64')}">`;
}

/** The report with what changed since an earlier one about the same thing. */
export function comparedWith(report: RunReport, earlier: ReportRecord | null): RunReport {
  const { record } = report;
  if (record === undefined || earlier === null) return report;
  if (earlier.about !== record.about || earlier.command !== record.command) return report;
  const names = [...new Set([...Object.keys(record.counts), ...Object.keys(earlier.counts)])];
  const rows = names
    .map((name) => [name, earlier.counts[name] ?? 0, record.counts[name] ?? 0] as const)
    .map(([name, before, now]): [string, number, number, string] => [name, before, now, signed(now - before)])
    .filter(([name, before, now]) => before !== now || name === 'listed');
  const moment = formatMoment(earlier.startedMs);
  const [first, ...others] = rows.filter(([name, before, now]) => before !== now && name !== 'listed');
  const fact: LabelledValue = {
    label: 'since the last report',
    value: first === undefined ? 'no change' : `${first[3]} ${first[0]}`,
    note: [...others.slice(0, 2).map(([name, , , change]) => `${change} ${name}`), `the last one is of ${moment}`].join(
      '; ',
    ),
  };
  const section: Section = {
    title: 'Since the last report',
    only: 'page',
    lead: `The last report in this file is of ${moment}.`,
    table: { columns: columnsOf({ Entries: 'text', 'In the last': 'count', Now: 'count', Change: 'text' }), rows },
  };
  const [outcomes, ...rest] = report.sections;
  return {
    ...report,
    facts: [...report.facts, fact],
    sections: [...(outcomes === undefined ? [] : [outcomes]), section, ...rest],
  };
}

function signed(change: number): string {
  if (change === 0) return '0';
  return change < 0 ? `−${formatCount(-change)}` : `+${formatCount(change)}`;
}
