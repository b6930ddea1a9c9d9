import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../../src/errors.js';
import { EXIT } from '../../src/exit-codes.js';
import { OUTCOMES, UNSETTLED } from '../../src/session.js';
import { WriteBatch } from '../../src/target/batch.js';
import { ErrorReply, type Reply } from '../../src/target/replies.js';
import { LostReplies, Wire } from '../../src/target/wire.js';
import { type Conflict, RedisWriter } from '../../src/target/writer.js';
import { hex40, NOW } from '../samples.js';
import { ScriptedServer } from './scripted-server.js';

const servers: ScriptedServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const VALUE = '{"uid": 1}';
const SAME = `$${VALUE.length}\r\n${VALUE}\r\n`;
const NIL = '$-1\r\n';
const OTHER = '$5\r\nother\r\n';
const OK = '+OK\r\n';

function batchOf(count: number): WriteBatch {
  const batch = new WriteBatch('session:', '');
  for (let i = 0; i < count; i++) batch.add(i, hex40(i), Buffer.from(VALUE), 0, VALUE.length, NOW);
  return batch;
}

const outcomesOf = (batch: WriteBatch) =>
  [...batch.outcome.subarray(0, batch.count)].map((code) => (code === UNSETTLED ? 'open' : OUTCOMES[code]?.[0]));

/** Settles a batch of four with a server that answers each exchange with a text, and cuts the link after the last. */
async function settle(conflict: Conflict, answers: readonly string[]) {
  const server = await ScriptedServer.start((socket, _data, nth) => {
    if (nth === answers.length - 1) socket.end(answers[nth] as string);
    else socket.write(answers[nth] as string);
  });
  servers.push(server);
  const wire = await Wire.connect(server.endpoint);
  const batch = batchOf(4);
  const failure = await new RedisWriter(wire, conflict).settle(batch).catch((error: unknown) => error);
  wire.close();
  return { failure, outcomes: outcomesOf(batch) };
}

describe('a link that breaks', () => {
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

/** A connection that gives prepared replies, and breaks when they are fewer than expected. */
function wireOf(exchanges: Reply[][]): Wire {
  let next = 0;
  const request = async (_bytes: Uint8Array, expected: number): Promise<Reply[]> => {
    const replies = exchanges[next++] ?? [];
    if (replies.length < expected) throw new LostReplies(replies, new OperatorError(EXIT.temporary, 'lost'));
    return replies.slice(0, expected);
  };
  return { request, close: () => {} } as unknown as Wire;
}

const oom = new ErrorReply('OOM command not allowed');
const wrongType = new ErrorReply('WRONGTYPE Operation against a key holding the wrong kind of value');

describe('whatever the replies', () => {
  const setReply = fc.constantFrom<Reply>(true, true, null, oom, 7);
  const getReply = fc.constantFrom<Reply>(Buffer.from(VALUE), Buffer.from('other'), null, wrongType, oom, true);
  const replies = (reply: fc.Arbitrary<Reply>, least: number) => fc.array(reply, { minLength: least, maxLength: 10 });

  it('each session has its own outcome or is open, and the writer says so if any is', async () => {
    const exchanges = fc.tuple(replies(setReply, 0), replies(getReply, 0));
    await fc.assert(
      fc.asyncProperty(exchanges, async ([sets, gets]) => {
        const batch = batchOf(8);
        const failure = await new RedisWriter(wireOf([sets, gets]), 'keep')
          .settle(batch)
          .catch((error: unknown) => error);

        const first = sets.slice(0, 8);
        const isFirstSound = first.length === 8 && first.every((reply) => reply === true || reply === null);
        let asked = 0;
        const expected = Array.from({ length: 8 }, (_, i) => {
          const set = first[i];
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
    const overwrites = fc.array(fc.constantFrom<Reply>(true, oom), { maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(replies(getReply, 8), overwrites, async (gets, sets) => {
        const batch = batchOf(8);
        const wire = wireOf([new Array(8).fill(null), gets, sets]);
        const failure = await new RedisWriter(wire, 'overwrite').settle(batch).catch((error: unknown) => error);
        const outcomes = outcomesOf(batch);
        expect(failure instanceof OperatorError).toBe(outcomes.includes('open'));
        const isComparisonSound = gets.slice(0, 8).every((held) => held !== oom && held !== true);
        if (!isComparisonSound) return;
        expect(outcomes.map((outcome) => outcome === 'open')).toEqual(outcomes.map((_, i) => sets[i] !== true));
      }),
      { numRuns: 1000 },
    );
  });
});
