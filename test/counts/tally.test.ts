import { describe, expect, it } from 'vitest';
import { type Ack, Tally } from '../../src/counts/tally.js';
import { codeOf, NO_ENTRY, OUTCOMES, type Outcome, UNSETTLED } from '../../src/session.js';

function ackOf(outcomes: readonly (Outcome | 'open')[], bytes = 0): Ack {
  const codes = outcomes.map((outcome) => (outcome === 'open' ? UNSETTLED : codeOf(outcome)));
  return {
    type: 'ack',
    source: 0,
    outcomes: Uint8Array.from(codes),
    rejects: [],
    sourceBytes: bytes,
    valueBytes: bytes * 2,
    sent: 0,
    withheld: 0,
    deletes: { deleted: 0, kept: 0, absent: 0 },
    seen: new Uint32Array(0),
  };
}

describe('the tally', () => {
  it('counts each outcome, and lists only what occurred, in the order of the vocabulary', () => {
    const tally = new Tally();
    tally.add(ackOf(['malformed', 'written', 'expired', 'written'], 100));
    tally.add(ackOf(['expired', 'kept'], 10));
    tally.addOne('unreadable');
    expect(tally.outcomes()).toEqual({ written: 2, kept: 1, expired: 2, malformed: 1, unreadable: 1 });
    expect(Object.keys(tally.outcomes())).toEqual(['written', 'kept', 'expired', 'malformed', 'unreadable']);
    expect(tally).toMatchObject({ listed: 7, unsettled: 0, sourceBytes: 110, valueBytes: 220 });
  });

  it('keeps entries without an outcome apart from what is listed', () => {
    const tally = new Tally();
    tally.add(ackOf(['written', 'open', 'open']));
    expect(tally).toMatchObject({ listed: 1, unsettled: 2 });
    expect(tally.outcomes()).toEqual({ written: 1 });
  });

  it('does not count keys whose session is counted as a file', () => {
    const tally = new Tally();
    tally.add({ ...ackOf(['extra', 'extra']), outcomes: new Uint8Array([NO_ENTRY, codeOf('extra'), NO_ENTRY]) });
    expect(tally).toMatchObject({ listed: 1, unsettled: 0 });
    expect(tally.outcomes()).toEqual({ extra: 1 });
  });

  it('adds up for every outcome there is: by name, by class and in all', () => {
    const tally = new Tally();
    OUTCOMES.forEach(([outcome], i) => {
      tally.add(ackOf(new Array<Outcome>(i + 1).fill(outcome)));
    });
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    expect(sum(Object.values(tally.outcomes()))).toBe(tally.listed);
    expect(
      sum((['moved', 'kept', 'skip', 'reject', 'verified', 'difference'] as const).map((kind) => tally.ofClass(kind))),
    ).toBe(tally.listed);
    expect([tally.ofClass('moved'), tally.ofClass('kept')]).toEqual([1 + 2 + 3, 4]);
  });

  it('counts further than 32 bits go', () => {
    const tally = new Tally();
    for (let i = 0; i < 3; i++) tally.add({ ...ackOf(['written']), sourceBytes: 2 ** 40, valueBytes: 2 ** 40 });
    expect(tally.sourceBytes).toBe(3 * 2 ** 40);
  });
});

describe('the vocabulary of outcomes', () => {
  it('is only ever appended to: threads and scripts know outcomes by these', () => {
    const first = ['written', 'updated', 'same', 'kept', 'expired', 'anonymous', 'older', 'other-db', 'temp-file'];
    const then = ['foreign', 'other-shard', 'rotated', 'dead', 'report-clone', 'vanished', 'unchanged', 'empty'];
    const last = ['malformed', 'unsupported', 'too-large', 'unreadable'];
    const names = OUTCOMES.map(([outcome]) => outcome);
    expect(names.slice(0, 21)).toEqual([...first, ...then, ...last]);
    expect(names.map(codeOf)).toEqual(names.map((_, i) => i));
    expect(names.length).toBeLessThan(UNSETTLED);
  });
});
