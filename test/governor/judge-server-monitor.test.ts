import { describe, expect, it } from 'vitest';
import { judgeSilence, ServerMonitor } from '../../src/governor/judge.js';
import type { ServerSample } from '../../src/redis/info.js';
import { sample } from '../support/governor-samples.js';

const watch = () => new ServerMonitor({ acceptsEviction: false, isReading: false });

describe('watching servers', () => {
  it('judges each look by the one before it, and the first by nothing', () => {
    const one = watch();
    const see = (evictedKeys: number) => one.see([sample({ evictedKeys })], false).severity;
    expect([1000, 1000, 1001, 1001, 3].map(see)).toEqual(['calm', 'calm', 'critical', 'calm', 'calm']);
  });

  it('sees at the first look what needs nothing to compare with', () => {
    expect(watch().see([sample({ usedMemoryBytes: 950 * 2 ** 20 })], false).severity).toBe('critical');
  });

  it('names the server where there are several, and tells them apart', () => {
    const three = watch();
    const servers = ['redis://a:1/0', 'redis://b:1/0', 'redis://c:1/0'];
    const look = (evicted: readonly number[]) =>
      three.see(
        servers.map((server, i) => sample({ server, evictedKeys: evicted[i] as number })),
        false,
      );
    expect(look([1, 200, 3]).severity).toBe('calm');
    expect(look([1, 202, 3])).toMatchObject({ severity: 'critical', reason: 'redis evicted 2 keys at redis://b:1/0' });
  });

  it('takes a server that joins later as it is', () => {
    const grown = watch();
    grown.see([sample()], false);
    const joined = sample({ server: 'redis://new:1/0', evictedKeys: 9e9, roundTripMs: 5 });
    expect(grown.see([sample(), joined], false).severity).toBe('calm');
  });

  const slow: ServerSample = sample({ roundTripMs: 6 });

  it('learns what a server has at rest while the run is quiet, and only then', () => {
    const loud = watch();
    loud.see([sample()], false);
    for (let i = 0; i < 50; i++) loud.see([slow], false);
    expect(loud.see([slow], false).severity).toBe('slow');

    const quiet = watch();
    quiet.see([sample()], false);
    for (let i = 0; i < 50; i++) quiet.see([slow], true);
    expect(quiet.see([slow], false).severity).toBe('calm');
  });

  it('forgets that when the server is fast again, but never what it was at the start', () => {
    const learned = watch();
    learned.see([sample()], false);
    for (let i = 0; i < 50; i++) learned.see([slow], true);
    for (let i = 0; i < 200; i++) learned.see([sample({ roundTripMs: 0.1 })], true);
    learned.see([slow], false);
    const finding = learned.see([slow], false);
    expect(finding).toMatchObject({ severity: 'slow', reason: expect.stringContaining('(baseline 0.4') });
  });
});

describe('a question without an answer', () => {
  it('means something after a second', () => {
    expect(judgeSilence(999)).toBeNull();
    expect(judgeSilence(1520)).toEqual({
      severity: 'critical',
      cause: 'latency',
      reason: 'redis has not answered for 1.5 s',
    });
  });
});
