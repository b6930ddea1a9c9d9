import { beforeEach, describe, expect, it } from 'vitest';
import { LaneWaits } from '../../src/counts/progress.js';

let nowMs = 0;
beforeEach(() => {
  nowMs = 0;
});
const [A, B] = [{}, {}];
const reconnecting = { reason: 'reconnecting', message: 'redis://h is gone' };
const memory = { reason: 'memory', message: 'full' };

describe('the time that lanes wait for the target', () => {
  it('counts once where several wait for the same', () => {
    const waits = new LaneWaits(() => nowMs);
    waits.update(A, reconnecting);
    nowMs = 100;
    waits.update(B, reconnecting);
    nowMs = 300;
    waits.update(A, null);
    expect(waits.current).toEqual(reconnecting);
    nowMs = 450;
    waits.update(B, null);
    nowMs = 1000;
    expect([waits.current, waits.heldBackMs]).toEqual([null, { reconnecting: 450 }]);
  });

  it('is booked by reason, also when the reason changes or is told again', () => {
    const waits = new LaneWaits(() => nowMs);
    waits.update(A, reconnecting);
    nowMs = 10;
    waits.update(A, reconnecting);
    nowMs = 50;
    waits.update(A, memory);
    waits.update(B, memory);
    nowMs = 80;
    waits.update(A, null);
    waits.update(A, null);
    nowMs = 100;
    expect(waits.heldBackMs).toEqual({ reconnecting: 50, memory: 50 });
    nowMs = 120;
    waits.update(B, reconnecting);
    nowMs = 125;
    expect(waits.heldBackMs).toEqual({ reconnecting: 55, memory: 70 });
  });

  it('is nothing where nobody waits', () => {
    const waits = new LaneWaits(() => nowMs);
    waits.update(A, null);
    expect([waits.current, waits.heldBackMs]).toEqual([null, {}]);
  });
});
