import { describe, expect, it } from 'vitest';
import { TEMPLATED_AUDIT } from '../../../src/applications/audit-words.js';
import { ODOO_AUDIT } from '../../../src/applications/odoo/audit-words.js';
import { Statistics } from '../../../src/counts/statistics.js';
import { deadWeightOf } from '../../../src/report/audit/findings.js';
import { codeOf } from '../../../src/session.js';
import { DAY, HOUR, NOW } from '../../support/samples.js';
import { addSession, statisticsOf } from '../../support/statistics-samples.js';

describe('dead weight', () => {
  it('is told by kind, with what the files take; only kinds that occur', () => {
    const statistics = statisticsOf([
      { size: 100 },
      { size: 40, ageMs: 8 * DAY },
      { size: 30, ageMs: 9 * DAY, facts: { isAuthenticated: false, hasCart: true } },
      // Its reader gives it three hours, Odoo a week.
      { size: 20, ageMs: 6 * DAY, facts: { isAuthenticated: false } },
      { size: 50, facts: { isAuthenticated: false } },
      { size: 60, facts: { isAuthenticated: false, hasCart: true } },
      { size: 70, facts: { isReportClone: true }, allocatedBytes: 8192 },
    ]);
    statistics.weights.add(codeOf('expired'), 300, 4096);
    statistics.weights.add(codeOf('temp-file'), 10, 4096);
    const found = deadWeightOf(ODOO_AUDIT, statistics, { expired: 3, 'temp-file': 1, written: 99 });
    expect(found.map(({ meaning: _, ...rest }) => rest)).toEqual([
      { kind: 'over-age', files: 2, bytes: 70, allocatedBytes: 8192 },
      // Whoever fills a cart is somebody.
      { kind: 'anonymous', files: 2, bytes: 70, allocatedBytes: 8192 },
      { kind: 'report-clones', files: 1, bytes: 70, allocatedBytes: 8192 },
      { kind: 'temp-files', files: 1, bytes: 10, allocatedBytes: 4096 },
    ]);
    for (const { meaning } of found) expect(meaning).toMatch(/\w{4}/);
  });

  it('has flat leftovers only where hashed files of the same store show that its Odoo is a newer one', () => {
    const kindsOf = (sessions: Parameters<typeof statisticsOf>[0]) =>
      deadWeightOf(ODOO_AUDIT, statisticsOf(sessions), {}).map(({ kind, files }) => [kind, files]);
    expect(kindsOf([{ layout: 'flat' }, { layout: 'flat' }])).toEqual([]);
    expect(kindsOf([{ layout: 'flat' }, { layout: 'flat' }, {}])).toEqual([['flat-leftovers', 2]]);
    expect(kindsOf([{ layout: 'flat', source: 0 }, { source: 1 }])).toEqual([]);
  });

  it('is told of an application that a template describes by its own age, and without a word of Odoo', () => {
    const statistics = new Statistics(NOW, 2 * HOUR);
    for (const ageMs of [HOUR, 3 * HOUR, 8 * DAY]) addSession(statistics, { ageMs, layout: 'flat' });
    const found = deadWeightOf(TEMPLATED_AUDIT, statistics, { 'temp-file': 1 });
    expect(found.map(({ kind, files }) => [kind, files])).toEqual([
      ['over-age', 2],
      ['temp-files', 1],
    ]);
    for (const { meaning } of found) expect(meaning).toMatch(/^(?!.*Odoo).*the application/);
    const unknown = new Statistics(NOW);
    addSession(unknown, { ageMs: 800 * DAY });
    expect(deadWeightOf(TEMPLATED_AUDIT, unknown, {})).toEqual([]);
  });
});
