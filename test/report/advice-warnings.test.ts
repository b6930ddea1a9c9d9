import { describe, expect, it } from 'vitest';
import { ODOO_AUDIT } from '../../src/applications/odoo/audit-words.js';
import type { SidKind } from '../../src/applications/odoo/sid-kinds.js';
import { Statistics } from '../../src/counts/statistics.js';
import { warningsFrom } from '../../src/report/advice.js';
import { DAY, factsOf, HOUR, NOW } from '../support/samples.js';
import { addSession, fileOf } from '../support/statistics-samples.js';

const MINUTE = 60_000;

/** Statistics of sessions of these ages. */
function statisticsOf(ages: readonly number[]): Statistics {
  const statistics = new Statistics(NOW);
  for (const age of ages) statistics.parsed(0, 'flat', 'hex40', '', factsOf(), fileOf(1, age));
  return statistics;
}

const spread = (count: number, overMs: number, fromMs = 0) =>
  Array.from({ length: count }, (_, i) => fromMs + (i * overMs) / count);

describe('a warning of times that a restore has set', () => {
  const warned = (ages: readonly number[]) =>
    warningsFrom(ODOO_AUDIT, statisticsOf(ages)).some((text) => text.includes('same 10 minutes'));

  it('comes when more than half of the sessions were saved within ten minutes, whenever that was', () => {
    for (const from of [0, 5 * MINUTE, 3 * DAY]) {
      expect(warned([...spread(150, 9 * MINUTE, from), ...spread(100, 6 * DAY)]), `${from}`).toBe(true);
    }
  });

  it('says what share of them', () => {
    expect(
      warningsFrom(ODOO_AUDIT, statisticsOf([...spread(150, 5 * MINUTE, DAY), ...spread(50, 6 * DAY, 2 * DAY)]))[0],
    ).toMatch(/^75 % of the sessions/);
  });

  it('does not come from the few sessions that a later pass has read', () => {
    const saved = statisticsOf(spread(300, 5 * MINUTE));
    expect(warningsFrom(ODOO_AUDIT, saved, undefined, 300)).toEqual([]);
    expect(warningsFrom(ODOO_AUDIT, saved, undefined, 200)[0]).toMatch(/^60 % of the sessions/);
  });

  it('does not come for sessions that live for minutes, unless all but a few were saved at once', () => {
    const warned = (ages: readonly number[]) =>
      warningsFrom({ ...ODOO_AUDIT, lifetimeMs: 24 * MINUTE }, statisticsOf(ages)).length > 0;
    expect(warned([...spread(600, 9 * MINUTE), ...spread(400, 14 * MINUTE, 10 * MINUTE)])).toBe(false);
    expect(warned(spread(1000, 5 * MINUTE))).toBe(true);
  });

  it('does not come for a shop in use, nor for half of the sessions', () => {
    expect(warned(spread(10_000, 7 * DAY))).toBe(false);
    expect(warned([...spread(100, MINUTE), ...spread(100, DAY, DAY)])).toBe(false);
    expect(warned(spread(300, 30 * MINUTE))).toBe(false);
  });

  it('does not come for few sessions, nor for many that are all older than two weeks', () => {
    expect(warned(spread(199, MINUTE))).toBe(false);
    expect(warned(spread(200, MINUTE))).toBe(true);
    expect(warned(spread(1000, MINUTE, 20 * DAY))).toBe(false);
  });
});

describe('a warning of carts that stay behind', () => {
  it('names their number and the option that keeps them', () => {
    const statistics = statisticsOf([HOUR]);
    expect(warningsFrom(ODOO_AUDIT, statistics)).toEqual([]);
    statistics.lostCarts = 1200;
    expect(warningsFrom(ODOO_AUDIT, statistics)[0]).toMatch(
      /^1,200 visitors with a cart .*--anonymous-lifetime 7d keeps them/,
    );
  });
});

describe('a warning of ids of different lengths', () => {
  const warnedOf = (moving: readonly SidKind[], staying: readonly SidKind[] = []) => {
    const statistics = new Statistics(NOW);
    for (const kind of moving) addSession(statistics, { layout: 'flat', sids: kind, valueBytes: 1 });
    for (const kind of staying) addSession(statistics, { sids: kind });
    return warningsFrom(ODOO_AUDIT, statistics).some((text) => text.includes('--sids 84'));
  };

  it('comes when short ones move beside long ones, which no one Odoo accepts', () => {
    expect(warnedOf(['hex40', 'urlsafe84'])).toBe(true);
    expect(warnedOf(['hex40', 'urlsafe86'])).toBe(true);
  });

  it('does not come for one kind, for two long ones, or when the others stay behind', () => {
    expect(warnedOf(['hex40'])).toBe(false);
    expect(warnedOf(['urlsafe84', 'urlsafe86'])).toBe(false);
    expect(warnedOf(['urlsafe84'], ['hex40'])).toBe(false);
  });
});
