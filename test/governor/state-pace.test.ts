import { describe, expect, it } from 'vitest';
import { CALM, type LoadFinding, type Severity } from '../../src/governor/judge.js';
import { FREE, isQuiet, nextPace, type Pace } from '../../src/governor/state.js';

const OFF = Number.POSITIVE_INFINITY;
const finding = (severity: Severity): LoadFinding =>
  severity === 'calm' ? CALM : { severity, cause: 'latency', reason: severity };

/** The paces after each of these looks, of a run that sent 10,000 sessions a second. */
function after(severities: readonly Severity[], recentRate = 10_000, from: Pace = FREE): Pace[] {
  let pace = from;
  return severities.map((severity) => {
    pace = nextPace(pace, finding(severity), recentRate);
    return pace;
  });
}
const limits = (severities: readonly Severity[], recentRate?: number) =>
  after(severities, recentRate).map(({ limit }) => limit);
const times = <T>(count: number, value: T): T[] => new Array(count).fill(value);

describe('the pace', () => {
  it('is free while all is calm', () => {
    expect(after(times(3, 'calm'))).toEqual(times(3, FREE));
  });

  it('halves with each slow look, down to a sixteenth', () => {
    expect(limits(times(6, 'slow'))).toEqual([5000, 2500, 1250, 625, 625, 625]);
  });

  it('rises by a twentieth with each calm look, and is free again where it began', () => {
    const seen = after(['slow', ...times(10, 'calm' as const)]);
    expect(seen.map(({ limit }) => limit)).toEqual([5000, 5500, 6000, 6500, 7000, 7500, 8000, 8500, 9000, 9500, OFF]);
    expect(seen.slice(1, -1).every(({ isRising }) => isRising)).toBe(true);
    expect(seen.at(-1)).toBe(FREE);
  });

  it('keeps in mind what it began with, whatever the run sends while it is slowed', () => {
    const slowed = after(['slow'])[0] as Pace;
    expect(after(['slow', 'calm'], 1, slowed).map(({ limit }) => limit)).toEqual([2500, 3000]);
  });

  it('is half while something lasts that slowing down does not end', () => {
    expect(limits(['halve', 'halve', 'halve', 'calm'])).toEqual([5000, 5000, 5000, 5500]);
    expect(limits(['slow', 'slow', ...times(7, 'halve' as const)])).toEqual([
      5000, 2500, 3000, 3500, 4000, 4500, 5000, 5000, 5000,
    ]);
  });

  it('is nothing while something is critical, for two calm seconds more, and then begins with a quarter', () => {
    expect(limits(['critical', 'critical', ...times(5, 'calm' as const)])).toEqual([0, 0, 0, 0, 0, 2500, 3000]);
    expect(limits(['slow', 'critical', ...times(4, 'calm' as const)])).toEqual([5000, 0, 0, 0, 0, 1250]);
  });

  it('goes on hibernating where it is not calm after all', () => {
    const seen = limits(['critical', 'calm', 'calm', 'critical', 'calm', 'calm', 'slow', ...times(4, 'calm' as const)]);
    expect(seen).toEqual([...times(10, 0), 2500]);
  });

  it('ends hibernating also at half pace', () => {
    expect(limits(['critical', ...times(6, 'halve' as const)])).toEqual([0, 0, 0, 0, 2500, 3000, 3500]);
  });

  it('shows what it hibernates for until that is over', () => {
    const seen = after(['critical', 'slow', 'calm', 'calm', 'calm', 'calm', 'slow']);
    expect(seen.map((pace) => pace.finding.reason)).toEqual([...times(6, 'critical'), 'slow']);
  });

  it('is not slowed where nothing was sent, but stops where something is critical', () => {
    expect(after(['slow'], 0)).toEqual([FREE]);
    expect(limits(['critical', ...times(4, 'calm' as const), 'calm'], 0)).toEqual([0, 0, 0, 0, 50, OFF]);
  });

  it('never falls below what hurts nobody', () => {
    expect(limits(['slow', 'slow', 'slow'], 120)).toEqual([60, 50, 50]);
    expect(limits(['halve'], 10)).toEqual([50]);
  });

  it('is quiet when it is down to next to nothing', () => {
    const quiet = (severities: readonly Severity[]) => after(severities).map(isQuiet);
    expect(quiet(['calm', 'slow', 'slow', 'slow', 'slow'])).toEqual([false, false, false, true, true]);
    expect(quiet(['critical', 'calm'])).toEqual([true, true]);
  });
});
