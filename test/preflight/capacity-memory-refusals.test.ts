import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { type Certainty, capacityVerdict, judgeCapacity, judgeEviction } from '../../src/preflight/capacity.js';
import { factsOf } from '../support/server-facts.js';

const MB = 2 ** 20;
const ROOMY = factsOf({ maxmemoryBytes: 100 * MB });
const verdictOn = (sessions: number, certainty: Certainty = 'exactly', facts = ROOMY) =>
  capacityVerdict(facts, { sessions, certainty, entryBytes: 600, isMeasured: true });

describe('a load that does not fit', () => {
  it('is refused with the numbers and what to do', () => {
    expect(judgeCapacity(verdictOn(1000), ROOMY)).toBeNull();
    const refusal = judgeCapacity(verdictOn(1_000_000), ROOMY);
    expect(refusal).toMatchObject({ exitCode: EXIT.refused });
    expect(refusal?.message).toMatch(/^the load does not fit: 1,000,000 sessions need 5\d\d MiB .*maxmemory 100 MiB/);
    expect(refusal?.message).toMatch(/; raise maxmemory to 6\d\d MiB .*--anonymous skip.*--skip-capacity-check$/);
  });

  it('is not told to raise a maxmemory that is not set', () => {
    const machine = factsOf({ machineBytes: 100 * MB });
    const message = judgeCapacity(verdictOn(1_000_000, 'exactly', machine), machine)?.message;
    expect(message).toMatch(/; give it more memory, /);
    expect(message).not.toContain('maxmemory');
  });
});

describe('a server that drops keys', () => {
  const dropping = (policy: string) => ({ ...ROOMY, evictionPolicy: policy });

  it.each(['volatile-lru', 'volatile-ttl', 'volatile-random', 'volatile-lfu', 'allkeys-lru', 'allkeys-random'])(
    'is refused, whatever keys it chooses: %s',
    (policy) => {
      const refusal = judgeEviction(dropping(policy), null, false);
      expect(refusal).toMatchObject({ exitCode: EXIT.refused });
      expect(refusal).toMatchObject({ message: expect.stringMatching(new RegExp(`${policy}.*noeviction.*--accept-`)) });
    },
  );

  it.each<[string, ReturnType<typeof verdictOn> | null, boolean]>([
    ['nothing is known of the load', null, false],
    ['the load fits', verdictOn(100_000), true],
    ['the load fits at most', verdictOn(100_000, 'at most'), true],
    ['what could be counted fits', verdictOn(100, 'at least'), false],
    ['a sample says that it fits', verdictOn(100_000, 'about'), true],
    ['a sample says that it just fits', verdictOn(140_000, 'about'), false],
    ['it just fits', verdictOn(140_000), true],
    ['it does not fit', verdictOn(1_000_000), false],
  ])('is judged by what is sure: %s', (_, verdict, isTaken) => {
    const judgement = judgeEviction(dropping('allkeys-lru'), verdict, false);
    if (isTaken) expect(judgement).toMatch(/allkeys-lru: this load fits, but later .*set noeviction/);
    else expect(judgement).toMatchObject({ exitCode: EXIT.refused });
  });

  it('is taken when the operator accepts it, with a word of warning', () => {
    expect(judgeEviction(dropping('volatile-ttl'), null, true)).toMatch(/volatile-ttl: when memory runs out/);
  });

  it('is no matter without a maxmemory, or with noeviction', () => {
    expect(judgeEviction(factsOf({ evictionPolicy: 'allkeys-lru' }), null, false)).toBeNull();
    expect(judgeEviction(ROOMY, null, false)).toBeNull();
  });
});
