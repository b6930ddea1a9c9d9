import { describe, expect, it } from 'vitest';
import { markOf } from '../../src/applications/odoo/audit-words.js';
import type { SidKind } from '../../src/applications/odoo/sid-kinds.js';
import { Census, OTHER_DATABASES } from '../../src/counts/census.js';
import type { SessionFacts } from '../../src/session.js';
import { factsOf } from '../support/samples.js';

function cellOf(facts: Partial<SessionFacts>, sids: SidKind = 'urlsafe84') {
  const session = factsOf(facts);
  return new Census().add(0, 'hashed', sids, markOf(session, sids), session, 1, 512);
}

describe('the census', () => {
  it.each<[string, Partial<SessionFacts>]>([
    ['login', { isAuthenticated: true }],
    ['login', { isAuthenticated: true, hasCart: true }],
    ['anonymous', {}],
    ['cart', { hasCart: true }],
    ['report-clone', { isAuthenticated: true, isReportClone: true, deletionTimeSeconds: 5 }],
    ['rotated', { isAuthenticated: true, deletionTimeSeconds: 5 }],
  ])('takes for %s what has %j', (sessionClass, facts) => {
    expect(cellOf(facts).sessionClass).toBe(sessionClass);
  });

  it('tells Odoo 18 from 19 by what they write', () => {
    expect(cellOf({ hasTrace: true }).mark).toBe('odoo18');
    expect(cellOf({ hasTrace: true, hasCreateTime: true }).mark).toBe('odoo19');
    expect(cellOf({ hasCreateTime: true }, 'urlsafe86').mark).toBe('odoo19');
    expect(cellOf({ hasTrace: true }, 'hex40').mark).toBe('');
    expect(cellOf({}).mark).toBe('');
  });

  it('keeps sources, databases and a missing database apart, whatever the order', () => {
    const census = new Census();
    for (const [source, db] of [
      [0, 'a'],
      [1, 'a'],
      [0, null],
      [0, 'b'],
      [0, 'a'],
      [0, null],
    ] as const) {
      census.add(source, 'flat', 'hex40', '', factsOf({ db }), 10, 0);
    }
    expect(census.cells.map(({ source, database, count }) => [source, database, count])).toEqual([
      [0, 'a', 2],
      [1, 'a', 1],
      [0, null, 2],
      [0, 'b', 1],
    ]);
  });

  it('is bounded, whatever names the files hold, and loses no session', () => {
    const census = new Census();
    const names = [
      ...Array.from({ length: 3000 }, (_, n) => `db${n}`),
      'x'.repeat(64),
      'y'.repeat(1_000_000),
      OTHER_DATABASES,
    ];
    for (const db of names) census.add(0, 'flat', 'hex40', '', factsOf({ db }), 1, 0);
    expect(census.cells.length).toBe(1001);
    expect(census.cells.reduce((sum, { count }) => sum + count, 0)).toBe(names.length);
    expect(census.cells.find(({ database }) => database === OTHER_DATABASES)?.count).toBe(2003);
    expect(Math.max(...census.cells.map(({ database }) => database?.length ?? 0))).toBeLessThan(64);

    const sum = new Census();
    sum.merge(census.cells);
    sum.merge(census.cells);
    expect(sum.cells.find(({ database }) => database === OTHER_DATABASES)?.count).toBe(4006);
    expect(sum.cells.length).toBe(1001);
  });
});
