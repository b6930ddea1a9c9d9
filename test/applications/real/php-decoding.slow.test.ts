import { expect, it } from 'vitest';
import { makeWorkspace } from '../../support/workspace.js';
import { fixtures, verdictOf } from '../content.js';
import { describeReal, runIn } from './real-application.js';

const work = makeWorkspace();

/** Not igbinary: its own decoder (3.2.13) crashes at some sessions that are cut or changed. */
const HANDLERS = ['php', 'php_binary', 'php_serialize'] as const;
const MUTATIONS = 1500;

/** Which of the sessions PHP decodes. */
function decoded(handler: string, sessions: readonly Buffer[]): boolean[] {
  const lines = sessions.map((bytes) => bytes.toString('hex')).join('\n');
  return runIn('php', 'decode.php', [work, handler], lines)
    .trim()
    .split('\n')
    .map((answer) => answer === '1');
}

/** One byte changed, gone or more, at a place that a number decides. */
function mutated(bytes: Buffer, next: (below: number) => number): Buffer {
  const at = next(bytes.length);
  const kind = next(3);
  const byte = Buffer.of(next(256));
  return Buffer.concat([
    bytes.subarray(0, at),
    kind === 0 ? Buffer.alloc(0) : byte,
    bytes.subarray(kind === 2 ? at : at + 1),
  ]);
}

describeReal('php', 'what is whole is what PHP itself decodes', () => {
  it.each(HANDLERS)('%s: cut anywhere, and with a byte changed, gone or more', (handler) => {
    let state = 11;
    const next = (below: number) => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    // Whether an object can be made is for its class to say, which no check of bytes knows.
    const whole = fixtures('php').filter((fixture) => fixture.handler === handler && !/object|enum/.test(fixture.name));
    const sessions = whole.flatMap(({ bytes }) => [
      ...Array.from({ length: bytes.length }, (_, i) => bytes.subarray(0, i + 1)),
      ...Array.from({ length: MUTATIONS }, () => mutated(bytes, next)),
    ]);
    const answers = decoded(handler, sessions);
    expect(answers.length).toBe(sessions.length);
    const differing = sessions.filter((bytes, i) => {
      const verdict = verdictOf(handler, bytes);
      // PHP does not look behind the end of an array; there stands what is left of a longer session.
      return (verdict === 'whole') !== answers[i] && !verdict.startsWith('torn: there are bytes behind');
    });
    expect(differing.map((bytes) => bytes.toString('latin1'))).toEqual([]);
  });
});
