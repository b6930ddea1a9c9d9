import { expect, it } from 'vitest';
import { ODOO_AUDIT } from '../../../src/applications/odoo/audit-words.js';
import { sessionBytes, tableBytes } from '../../../src/redis/memory-model.js';
import { modelledBytes } from '../../../src/report/audit/capacity.js';
import { statisticsOf } from '../../support/statistics-samples.js';

it('the memory of what moves is that of its keys, values and tables, within the width of a class of sizes', () => {
  const hex = Array.from({ length: 700 }, (_, n) => ({ sids: 'hex40', valueBytes: 180 + (n % 200) }) as const);
  const long = Array.from({ length: 300 }, (_, n) => ({ valueBytes: 260 + (n % 1000) }));
  const staying = Array.from({ length: 500 }, () => ({}));
  const exact =
    hex.reduce((sum, { valueBytes }) => sum + sessionBytes(48, valueBytes), 0) +
    long.reduce((sum, { valueBytes }) => sum + sessionBytes(92, valueBytes), 0) +
    tableBytes(1000);
  const modelled = modelledBytes(ODOO_AUDIT, statisticsOf([...hex, ...long, ...staying]), 8);
  expect(Math.abs(modelled - exact) / exact).toBeLessThan(0.03);
  expect(modelledBytes(ODOO_AUDIT, statisticsOf(staying), 8)).toBe(0);
});
