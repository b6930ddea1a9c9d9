import { describe, expect, it } from 'vitest';
import { isParsed, REMAINING_HOURS, Statistics } from '../../src/lane/statistics.js';
import { OUTCOMES } from '../../src/session.js';
import { DAY, factsOf, HOUR, NOW } from '../samples.js';

const login = factsOf({ format: 'json', isAuthenticated: true });

describe('the statistics of a run', () => {
  it('count sessions by layout, format and kind of id', () => {
    const statistics = new Statistics(NOW);
    const first = statistics.parsed('hashed', 'urlsafe84', login, 300, NOW);
    statistics.moves(first, 310, HOUR);
    statistics.parsed('hashed', 'urlsafe84', factsOf(), 100, NOW);
    statistics.parsed('flat', 'hex40', factsOf({ format: 'pickle' }), 50, NOW);
    expect(statistics.shapes).toEqual([
      {
        layout: 'hashed',
        format: 'json',
        sids: 'urlsafe84',
        count: 2,
        authenticated: 1,
        moving: 1,
        valueBytes: 310,
        sourceBytes: 400,
      },
      {
        layout: 'flat',
        format: 'pickle',
        sids: 'hex40',
        count: 1,
        authenticated: 0,
        moving: 0,
        valueBytes: 0,
        sourceBytes: 50,
      },
    ]);
  });

  it('tell Odoo 18 from 19 by what they write', () => {
    const statistics = new Statistics(NOW);
    statistics.parsed('hashed', 'urlsafe84', factsOf({ hasTrace: true }), 1, NOW);
    statistics.parsed('hashed', 'urlsafe84', factsOf({ hasTrace: true, hasCreateTime: true }), 1, NOW);
    statistics.parsed('hashed', 'urlsafe86', factsOf({ hasCreateTime: true }), 1, NOW);
    statistics.parsed('hashed', 'hex40', factsOf({ hasTrace: true }), 1, NOW);
    statistics.parsed('hashed', 'urlsafe84', factsOf(), 1, NOW);
    expect(statistics).toMatchObject({ odoo18: 1, odoo19: 2 });
  });

  it('group what moves by the time that is left', () => {
    const statistics = new Statistics(NOW);
    const shape = statistics.parsed('hashed', 'urlsafe84', login, 1, NOW);
    for (const left of [1, HOUR, HOUR + 1, 3 * HOUR, DAY, 3 * DAY, 7 * DAY, 7 * DAY + 1, 8.64e15]) {
      statistics.moves(shape, 1, left);
    }
    expect(REMAINING_HOURS).toEqual([1, 3, 24, 72, 168, Number.POSITIVE_INFINITY]);
    expect([...statistics.remaining]).toEqual([2, 2, 1, 1, 1, 2]);
  });

  it('count the minutes of the last saves back from the start, the future as now and two weeks as the end', () => {
    const statistics = new Statistics(NOW);
    const ages = [-DAY, 0, 59_999, 60_000, 14 * DAY - 1, 14 * DAY, 900 * DAY];
    for (const age of ages) statistics.parsed('flat', 'hex40', login, 1, NOW - age);
    const filled = [...statistics.mtimeMinutes.entries()].filter(([, count]) => count > 0);
    const last = 14 * 24 * 60;
    expect(filled).toEqual([
      [0, 3],
      [1, 1],
      [last - 1, 1],
      [last, 2],
    ]);
  });

  it('of several lanes add up, also when they come from another thread', () => {
    const [one, two, whole] = [new Statistics(NOW), new Statistics(NOW), new Statistics(NOW)];
    const fill = (statistics: Statistics, sessions: readonly number[]) => {
      for (const n of sessions) {
        const facts = factsOf({ isAuthenticated: n % 2 === 0, hasTrace: n % 3 === 0, hasCreateTime: n % 5 === 0 });
        const shape = statistics.parsed(n % 2 === 0 ? 'flat' : 'hashed', 'urlsafe84', facts, n, NOW - n * 60_000);
        if (n % 4 !== 0) statistics.moves(shape, n, n * HOUR);
        else statistics.lostCarts++;
      }
    };
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    fill(one, numbers.slice(0, 15));
    fill(two, numbers.slice(15));
    fill(whole, numbers);
    const sum = new Statistics(NOW);
    sum.merge(one);
    // Structured cloning is what a message between threads goes through.
    sum.merge(structuredClone(two));
    expect(sum).toEqual(whole);
  });
});

describe('an outcome', () => {
  it('says whether the session was read and understood', () => {
    const parsed = OUTCOMES.map(([outcome]) => outcome).filter(isParsed);
    expect(parsed).toEqual(['expired', 'anonymous', 'older', 'other-db', 'rotated', 'report-clone']);
    expect(isParsed(null)).toBe(true);
  });
});
