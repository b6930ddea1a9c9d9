import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { EXIT, OperatorError } from '../../src/errors.js';
import { WriteBatch } from '../../src/redis/batch.js';
import { ErrorReply } from '../../src/redis/replies.js';
import { type Answer, type Commands, type Exchange, LOST } from '../../src/redis/routing.js';
import type { Conflict } from '../../src/redis/steps.js';
import { settleBatch } from '../../src/redis/writer.js';
import { OUTCOMES, UNSETTLED } from '../../src/session.js';
import { hex40, NOW } from '../support/samples.js';
import { ScriptedServer } from '../support/scripted-server.js';
import { TestWriter } from '../support/test-writer.js';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const VALUE = '{"uid": 1}';
const SAME = `$${VALUE.length}\r\n${VALUE}\r\n`;
const NIL = '$-1\r\n';
const OTHER = '$5\r\nother\r\n';
const OK = '+OK\r\n';
/** To the questions with which a connection begins. */
const MASTER = '*1\r\n$6\r\nmaster\r\n$-1\r\n';

function batchOf(count: number): WriteBatch {
  const batch = new WriteBatch('session:', '');
  for (let i = 0; i < count; i++) batch.add(i, hex40(i), Buffer.from(VALUE), 0, VALUE.length, NOW);
  return batch;
}

const outcomesOf = (batch: WriteBatch) =>
  [...batch.outcome.subarray(0, batch.count)].map((code) => (code === UNSETTLED ? 'open' : OUTCOMES[code]?.[0]));

/** Settles a batch of four with a server that answers each exchange with a text, and cuts the link after the last. */
async function settle(conflict: Conflict, answers: readonly string[]) {
  const all = [MASTER, ...answers];
  const server = await ScriptedServer.start((socket, _data, nth) => {
    if (nth === all.length - 1) socket.end(all[nth] as string);
    else socket.write(all[nth] as string);
  });
  servers.push(server);
  const writer = new TestWriter(server.endpoint, conflict);
  const batch = batchOf(4);
  const failure = await writer.settle(batch).catch((error: unknown) => error);
  writer.close();
  return { failure, outcomes: outcomesOf(batch) };
}

describe('a link that breaks, with no patience to mend it', () => {
  it.each([
    ['before any reply', [''], ['open', 'open', 'open', 'open']],
    ['in the middle of the first', ['+O'], ['open', 'open', 'open', 'open']],
    ['after some replies', [OK + OK], ['written', 'written', 'open', 'open']],
    // A key that was there is open too: whose it is was not asked yet.
    ['after a refusal', [OK + NIL + OK], ['written', 'open', 'written', 'open']],
    ['after the first exchange', [OK + NIL + NIL + OK, ''], ['written', 'open', 'open', 'written']],
  ])('%s leaves open what was not acknowledged, and nothing else', async (_when, answers, outcomes) => {
    for (const conflict of ['keep', 'overwrite'] as const) {
      const settled = await settle(conflict, answers);
      expect(settled.outcomes).toEqual(outcomes);
      expect(settled.failure).toMatchObject({ name: 'LostReplies', exitCode: EXIT.temporary });
    }
  });

  it.each([
    ['between two replies', SAME + OTHER, ['written', 'same', 'kept', 'open']],
    ['in the middle of a value', SAME + SAME.slice(0, 9), ['written', 'same', 'open', 'open']],
  ])('while it compares, %s, leaves open what was not compared', async (_when, answer, outcomes) => {
    expect(await settle('keep', [OK + NIL + NIL + NIL, answer])).toMatchObject({
      failure: { name: 'LostReplies' },
      outcomes,
    });
  });

  it.each([
    ['before any reply', '', ['written', 'open', 'open', 'open']],
    ['after some replies', OK, ['written', 'same', 'open', 'open']],
    ['before the last', OK + OK, ['written', 'same', 'updated', 'open']],
  ])('while it overwrites, %s, leaves open what may have been replaced', async (_when, answer, outcomes) => {
    const settled = await settle('overwrite', [OK + NIL + NIL + NIL, SAME + OTHER + NIL, answer]);
    expect(settled.outcomes).toEqual(outcomes);
    expect(settled.failure).toMatchObject({ name: 'LostReplies' });
  });

  it('counts what came with the last bytes before it broke, once all is acknowledged', async () => {
    expect(await settle('keep', [OK.repeat(4)])).toEqual({
      failure: undefined,
      outcomes: new Array(4).fill('written'),
    });
  });
});

/** What a Redis of four keys does with the commands of this program, on a link that swallows what the test says. */
class FlakyRedis implements Exchange {
  readonly held = new Map<string, string>();
  /** Sets that were carried out, by key. */
  readonly sets = new Map<string, number>();
  rounds = 0;

  /** @param fates one per command, in the order in which they are sent; all is well once they are used up */
  constructor(readonly fates: ('done' | 'reply lost' | 'command lost')[]) {}

  async exchange(commands: Commands, answers: Answer[]): Promise<void> {
    this.rounds++;
    for (let index = 0; index < commands.count; index++) {
      const fate = this.fates.shift() ?? 'done';
      const answer = fate === 'command lost' ? LOST : this.#run(commands.command(index));
      answers.push(fate === 'done' ? answer : LOST);
    }
  }

  #run(bytes: Uint8Array): Answer {
    const words = String(bytes)
      .split('\r\n')
      .filter((_, at) => at > 1 && at % 2 === 0);
    const [command, key, value] = words as [string, string, string];
    const held = this.held.get(key);
    if (command === 'GET') return held === undefined ? null : Buffer.from(held);
    if (words.includes('NX') && held !== undefined) return null;
    this.held.set(key, value);
    this.sets.set(key, (this.sets.get(key) ?? 0) + 1);
    return true;
  }
}

const fate = fc.constantFrom('done', 'reply lost', 'command lost') as fc.Arbitrary<FlakyRedis['fates'][number]>;
const KEYS = Array.from({ length: 8 }, (_, i) => `session:${hex40(i)}`);

describe('lost replies on a link that comes back', () => {
  it('are settled by what the keys hold: nothing stays open, nothing is counted that is not so, nothing is set twice', async () => {
    const holdings = fc.array(fc.constantFrom(null, VALUE, 'other'), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 60 }), holdings, async (fates, before) => {
        const redis = new FlakyRedis([...fates]);
        for (const [i, value] of before.entries()) if (value !== null) redis.held.set(KEYS[i] as string, value);
        const batch = batchOf(8);
        await settleBatch(batch, redis, 'keep');
        for (const [i, outcome] of outcomesOf(batch).entries()) {
          const key = KEYS[i] as string;
          if (before[i] === null) {
            expect(['written', 'same']).toContain(outcome);
            expect([redis.held.get(key), redis.sets.get(key)]).toEqual([VALUE, 1]);
          } else {
            expect(outcome).toBe(before[i] === VALUE ? 'same' : 'kept');
            expect([redis.held.get(key), redis.sets.get(key)]).toEqual([before[i], undefined]);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('end, with all keys overwritten where that is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 60 }), async (fates) => {
        const redis = new FlakyRedis([...fates]);
        for (const [i, key] of KEYS.entries()) if (i % 3 > 0) redis.held.set(key, i % 3 === 1 ? VALUE : 'other');
        const batch = batchOf(8);
        await settleBatch(batch, redis, 'overwrite');
        expect(outcomesOf(batch)).not.toContain('open');
        expect(new Set(redis.held.values())).toEqual(new Set([VALUE]));
      }),
      { numRuns: 1000 },
    );
  });

  it('end the run where the same sessions break every link', async () => {
    const redis = new FlakyRedis(new Array(100_000).fill('reply lost'));
    const batch = batchOf(2);
    await expect(settleBatch(batch, redis, 'keep')).rejects.toMatchObject({ exitCode: EXIT.temporary });
    expect(redis.rounds).toBeGreaterThan(50);
    expect(outcomesOf(batch)).toEqual(['open', 'open']);
  });
});

/** A target that gives prepared answers. */
function targetOf(exchanges: Answer[][]): Exchange {
  let next = 0;
  return {
    exchange: async ({ count }, answers) => {
      answers.push(...(exchanges[next++] ?? []).slice(0, count));
    },
  };
}

const denied = new ErrorReply('NOPERM this user has no permissions');
const wrongType = new ErrorReply('WRONGTYPE Operation against a key holding the wrong kind of value');

describe('whatever the replies', () => {
  const setReply = fc.constantFrom<Answer>(true, true, null, denied, 7);
  const getReply = fc.constantFrom<Answer>(Buffer.from(VALUE), Buffer.from('other'), null, wrongType, denied, true);
  const eight = (reply: fc.Arbitrary<Answer>) => fc.array(reply, { minLength: 8, maxLength: 8 });

  it('each session has its own outcome or is open, and the writer says so if any is', async () => {
    await fc.assert(
      fc.asyncProperty(eight(setReply), eight(getReply), async (sets, gets) => {
        const batch = batchOf(8);
        const failure = await settleBatch(batch, targetOf([sets, gets]), 'keep').catch((error: unknown) => error);
        const isFirstSound = sets.every((reply) => reply === true || reply === null);
        let asked = 0;
        const expected = sets.map((set) => {
          if (set === true) return 'written';
          if (set !== null || !isFirstSound) return 'open';
          const held = gets[asked++];
          if (held instanceof Buffer) return String(held) === VALUE ? 'same' : 'kept';
          return held === null || held === wrongType ? 'kept' : 'open';
        });
        expect(outcomesOf(batch)).toEqual(expected);
        expect(failure instanceof OperatorError).toBe(outcomesOf(batch).includes('open'));
      }),
      { numRuns: 2000 },
    );
  });

  it('no session is said to be kept or the same that was sent to be overwritten without a reply', async () => {
    const overwrites = eight(fc.constantFrom<Answer>(true, denied));
    await fc.assert(
      fc.asyncProperty(eight(getReply), overwrites, async (gets, sets) => {
        const batch = batchOf(8);
        const target = targetOf([new Array(8).fill(null), gets, sets]);
        const failure = await settleBatch(batch, target, 'overwrite').catch((error: unknown) => error);
        const outcomes = outcomesOf(batch);
        expect(failure instanceof OperatorError).toBe(outcomes.includes('open'));
        const isComparisonSound = gets.every((held) => held !== denied && held !== true);
        if (!isComparisonSound) return;
        expect(outcomes.map((outcome) => outcome === 'open')).toEqual(outcomes.map((_, i) => sets[i] !== true));
      }),
      { numRuns: 1000 },
    );
  });
});
