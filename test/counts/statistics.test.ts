import { describe, expect, it } from 'vitest';
import { isParsed, REMAINING_HOURS, Statistics } from '../../src/counts/statistics.js';
import { codeOf, OUTCOMES } from '../../src/session.js';
import { ChunkPacker } from '../../src/source/chunk.js';
import { DAY, factsOf, HOUR, hashed, NOW, ODOO, urlsafe84 } from '../support/samples.js';
import { addSession, fileOf, statisticsOf } from '../support/statistics-samples.js';

describe('the statistics of a run', () => {
  it('count sessions by everything that tells them apart, with what they weigh', () => {
    const statistics = statisticsOf([
      { valueBytes: 310, size: 300 },
      { facts: { isAuthenticated: false }, size: 100 },
      { layout: 'flat', sids: 'hex40', facts: { format: 'pickle' }, size: 50, allocatedBytes: 0 },
      { size: 200 },
    ]);
    const common = { source: 0, mark: '', database: 'shop' };
    expect(statistics.census.cells).toEqual([
      {
        ...common,
        ...{ layout: 'hashed', format: 'json', sids: 'urlsafe84', sessionClass: 'login' },
        ...{ count: 2, sourceBytes: 500, allocatedBytes: 8192, moving: 1, valueBytes: 310 },
      },
      {
        ...common,
        ...{ layout: 'hashed', format: 'json', sids: 'urlsafe84', sessionClass: 'anonymous' },
        ...{ count: 1, sourceBytes: 100, allocatedBytes: 4096, moving: 0, valueBytes: 0 },
      },
      {
        ...common,
        ...{ layout: 'flat', format: 'pickle', sids: 'hex40', sessionClass: 'login' },
        ...{ count: 1, sourceBytes: 50, allocatedBytes: 0, moving: 0, valueBytes: 0 },
      },
    ]);
  });

  it('group what moves by the time that is left', () => {
    const statistics = statisticsOf(
      [1, HOUR, HOUR + 1, 3 * HOUR, DAY, 3 * DAY, 7 * DAY, 7 * DAY + 1, 8.64e15].map((leftMs) => ({
        leftMs,
        valueBytes: 1,
      })),
    );
    expect(REMAINING_HOURS).toEqual([1, 3, 24, 72, 168, Number.POSITIVE_INFINITY]);
    expect([...statistics.remaining]).toEqual([2, 2, 1, 1, 1, 2]);
  });

  it('of several lanes add up, also when they come from another thread', () => {
    const [one, two, whole] = [new Statistics(NOW), new Statistics(NOW), new Statistics(NOW)];
    const fill = (statistics: Statistics, sessions: readonly number[]) => {
      for (const n of sessions) {
        const facts = {
          isAuthenticated: n % 2 === 0,
          hasTrace: n % 3 === 0,
          hasCreateTime: n % 5 === 0,
          db: n % 7 === 0 ? null : `db${n % 3}`,
        };
        addSession(statistics, {
          source: n % 2,
          layout: n % 2 === 0 ? 'flat' : 'hashed',
          facts,
          size: n,
          ageMs: n * DAY,
          ...(n % 4 !== 0 && { valueBytes: n, leftMs: n * HOUR }),
        });
        if (n % 4 === 0) statistics.lostCarts++;
        statistics.weights.add(n % 5, n, 4096);
      }
    };
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    fill(one, numbers.slice(0, 15));
    fill(two, numbers.slice(15));
    fill(whole, numbers);
    const packer = new ChunkPacker();
    packer.add(hashed(urlsafe84(1)), true);
    const chunk = packer.take(0);
    for (const statistics of [two, whole]) statistics.examples.collect(chunk, Uint8Array.of(codeOf('expired')), ODOO);
    const sum = new Statistics(NOW);
    sum.merge(one);
    // Structured cloning is what a message between threads goes through.
    sum.merge(structuredClone(two));
    const { census, ...others } = sum;
    const { census: wholeCensus, ...wholeOthers } = whole;
    expect(others).toEqual(wholeOthers);
    const inOrder = ({ cells }: typeof census) => cells.map((cell) => JSON.stringify(cell)).sort();
    expect(inOrder(census)).toEqual(inOrder(wholeCensus));
    expect(sum.examples.first[codeOf('expired')]).not.toBeNull();
  });

  it('take an mtime in the future for now', () => {
    const statistics = new Statistics(NOW);
    statistics.parsed(0, 'flat', 'hex40', '', factsOf(), fileOf(1, -DAY));
    expect(statistics.ages.minutes[0]).toBe(1);
  });
});

describe('an outcome', () => {
  it('says whether the session was read and understood', () => {
    const parsed = OUTCOMES.map(([outcome]) => outcome).filter(isParsed);
    expect(parsed).toEqual(['expired', 'anonymous', 'older', 'other-db', 'rotated', 'report-clone']);
    expect(isParsed(null)).toBe(true);
  });
});
