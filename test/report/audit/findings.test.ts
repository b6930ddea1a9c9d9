import { describe, expect, it } from 'vitest';
import { ODOO_AUDIT } from '../../../src/applications/odoo/audit-words.js';
import { OTHER_DATABASES } from '../../../src/counts/census.js';
import type { Statistics } from '../../../src/counts/statistics.js';
import { auditCapacityOf, type Capacity } from '../../../src/report/audit/capacity.js';
import { type AuditFindings, auditFindingsOf, auditLines, shapeLines } from '../../../src/report/audit/findings.js';
import { auditReport } from '../../../src/report/commands/audit.js';
import { renderText } from '../../../src/report/text.js';
import { summaryOf } from '../../support/end-samples.js';
import { DAY, HOUR, hex40, NOW } from '../../support/samples.js';
import { type SampleSession, statisticsOf } from '../../support/statistics-samples.js';

const MIB = 2 ** 20;

const capacity: Capacity = auditCapacityOf({
  sessions: 5,
  bytesPerSession: 500,
  isMeasured: false,
  target: null,
  room: null,
  entries: 5,
  elapsedMs: 25,
  chosenRate: null,
  refusal: null,
});

function find(statistics: Statistics, sources = ['/one', '/two']): AuditFindings {
  return auditFindingsOf(ODOO_AUDIT, statistics, {}, sources, [], capacity);
}

function renderFindings(findings: AuditFindings): string {
  const end = { summary: summaryOf({ command: 'audit' }), examples: [], rejects: [], sources: ['/one'], advice: [] };
  const statistics = statisticsOf([]);
  const pass = {
    ...end,
    statistics,
    samples: [],
    warnings: [],
    ...{ tellsLogins: true, freezeMs: null, previousMs: null, bytesPerSession: Number.NaN },
    target: null,
    startedMs: NOW,
  };
  return renderText(auditReport(pass, findings));
}

const mixed: SampleSession[] = [
  { valueBytes: 310, facts: { hasCreateTime: true } },
  { valueBytes: 310, facts: { hasTrace: true } },
  { valueBytes: 310 },
  { layout: 'flat', sids: 'hex40', facts: { format: 'pickle', db: 'old' }, valueBytes: 250 },
  { source: 1, sids: 'hex40', facts: { format: 'pickle', isAuthenticated: false, db: null }, size: 70 },
  { sids: 'urlsafe86', valueBytes: 300 },
  { layout: 'flat', sids: 'urlsafe84' },
];

describe('what an audit finds', () => {
  it('is told by generation of Odoo, store, class and database, and every table adds up', () => {
    const findings = find(statisticsOf(mixed));
    expect(findings.generations.map(({ writtenBy, sessions }) => [writtenBy, sessions])).toEqual([
      ['Odoo 19', 1],
      ['Odoo 18', 1],
      ['Odoo 18, 19', 1],
      ['Odoo 8 to 15', 1],
      ['Odoo 16, 17', 1],
      ['after Odoo 19', 1],
      ['an upgrade in between', 1],
    ]);
    expect(findings.sources.map(({ source, sessions }) => [source, sessions])).toEqual([
      ['/one', 6],
      ['/two', 1],
    ]);
    expect(findings.classes.map(({ sessionClass, sessions }) => [sessionClass, sessions])).toEqual([
      ['login', 6],
      ['anonymous', 1],
    ]);
    expect(findings.databases.map(({ database, sessions }) => [database, sessions])).toEqual([
      ['shop', 5],
      ['old', 1],
      [null, 1],
    ]);
    for (const table of [findings.generations, findings.sources, findings.classes, findings.databases]) {
      const total = (key: 'sessions' | 'moving' | 'sourceBytes' | 'allocatedBytes' | 'valueBytes' | 'logins') =>
        table.reduce((sum, row) => sum + row[key], 0);
      expect([total('sessions'), total('moving'), total('logins')]).toEqual([7, 5, 6]);
      expect([total('sourceBytes'), total('allocatedBytes'), total('valueBytes')]).toEqual([1870, 7 * 4096, 1480]);
    }
  });

  it('names a bounded number of databases, escaped, and sums up the others', () => {
    const names = Array.from({ length: 50 }, (_, n) => `db${n}`);
    const sessions = names.flatMap((db, n) => Array.from({ length: 60 - n }, () => ({ facts: { db } })));
    const { databases, otherDatabases } = find(statisticsOf(sessions));
    expect(databases.map(({ database }) => database)).toEqual(names.slice(0, 20));
    expect(otherDatabases).toMatchObject({
      databases: 30,
      sessions: sessions.length - databases.reduce((sum, row) => sum + row.sessions, 0),
    });

    const hostile = find(statisticsOf([{ facts: { db: '\x1b[31m<b>' } }, { facts: { db: hex40(1) } }]));
    expect(hostile.databases.map(({ database }) => database)).toEqual(['\\x1b[31m<b>', `${hex40(1).slice(0, 8)}*`]);
    const uncounted = find(statisticsOf([{ facts: { db: 'x'.repeat(70) } }, { facts: { db: OTHER_DATABASES } }]));
    expect(uncounted.databases).toEqual([]);
    expect(uncounted.otherDatabases).toMatchObject({ databases: null, sessions: 2 });
  });

  it('is the same in lines of JSON, for those of the first version too', () => {
    const statistics = statisticsOf(mixed);
    const findings = find(statistics);
    const lines = JSON.parse(JSON.stringify(auditLines(findings))) as Record<string, unknown>[];
    expect(new Set(lines.map(({ type }) => type))).toEqual(new Set(['audit']));
    const sections = new Set(lines.map(({ section }) => section));
    for (const section of ['source', 'generation', 'class', 'database', 'age', 'expiry', 'dead-weight', 'capacity']) {
      expect(sections, section).toContain(section);
    }
    expect(lines.filter(({ section }) => section === 'class')[0]).toMatchObject({
      sessionClass: 'login',
      sessions: 6,
      moving: 5,
      allocatedBytes: 6 * 4096,
    });
    const first = shapeLines(findings, statistics) as Record<string, unknown>[];
    expect(first.find(({ writtenBy }) => writtenBy === 'Odoo 8 to 15')).toMatchObject({
      type: 'shape',
      layout: 'flat',
      format: 'pickle',
      sids: 'hex40',
      count: 1,
      authenticated: 1,
      moving: 1,
      valueBytes: 250,
      sourceBytes: 300,
    });
    expect(first.filter(({ type }) => type === 'remaining')).toHaveLength(6);
  });
});

describe('what an audit finds, in text', () => {
  it('ends with the verdict and has a row for everything that there is', () => {
    const text = renderFindings(find(statisticsOf(mixed)));
    expect(text.split('\n\n').at(-2)).toMatch(/^verdict\n {2}open: 5 sessions need some/);
    expect(text).toMatch(/Odoo 8 to 15 \(flat, pickle, 40 hex\) +1 +1 +1 +4\.00 KiB +250 B/);
    expect(text).toMatch(/database +shop +5 /);
    expect(text).toMatch(/\(none\) +1 +0 +0 +4\.00 KiB/);
    expect(text).toMatch(/store +\/one +6 /);
    expect(text).toMatch(/1 h to 3 h +7 +0/);
    expect(text).toMatch(/flat-leftovers +2 /);
  });

  it('has nothing to say of stores when there is one', () => {
    expect(renderFindings(find(statisticsOf([{ valueBytes: 1 }]), ['/one']))).not.toMatch(/store +\/one/);
  });

  it('tells of a cliff', () => {
    const together = Array.from({ length: 300 }, () => ({ valueBytes: 1, leftMs: 2 * DAY + HOUR }));
    expect(renderFindings(find(statisticsOf(together)))).toMatch(
      /cliff: 300 sessions \(100 % of what moves\) end within 10 minutes, 2 d/,
    );
  });

  it('tells how full directories and file system are', () => {
    const store = {
      source: '/one',
      directories: 3,
      entries: 3000,
      indexBytes: 2 * MIB,
      largest: [{ path: '/one/ab', entries: 2000, indexBytes: MIB }],
      inodes: { used: 25, total: 100 },
    };
    const text = renderFindings(auditFindingsOf(ODOO_AUDIT, statisticsOf([]), {}, ['/one'], [store], capacity));
    expect(text).toContain('/one: 3,000 names in 3 directories, 1,000 each, 2.00 MiB of index');
    expect(text).toContain('fullest: /one/ab with 2,000 names, 1.00 MiB of index');
    expect(text).toContain('25 of 100 inodes (25 %)');
  });
});
