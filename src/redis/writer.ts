import { EXIT, OperatorError } from '../errors.js';
import type { WriteBatch } from './batch.js';
import { Deployment } from './deployment.js';
import type { Endpoint } from './endpoint.js';
import { DELETE_REPLY } from './ownership.js';
import { ErrorReply } from './replies.js';
import { type Answer, type Commands, commandsOf, type Exchange, LOST } from './routing.js';
import { CODE, type Conflict, SEND, type Step } from './steps.js';
import { commandNameIn, operatorErrorOf, Retry, type WaitListener } from './trouble.js';

/**
 * Takes batches to the target and gives each session in them its outcome. After a rejection the outcomes that are
 * known stand in the batch, the others are `UNSETTLED`.
 */
export interface SessionWriter {
  settle(batch: WriteBatch): Promise<void>;
  /** Ends every wait for the target with this error; what goes well is finished. */
  interrupt(error: OperatorError): void;
  close(): void;
}

/** The outcome of each action where nothing speaks against it. */
const WOULD_BE = [CODE.written, CODE.updated, DELETE_REPLY.deleted];

/** What `--dry-run` and `audit` use: everything would be written, nothing is sent. */
export const dryRunWriter: SessionWriter = {
  async settle(batch) {
    for (let i = 0; i < batch.count; i++) batch.outcome[i] = WOULD_BE[batch.action[i] as number] as number;
  },
  interrupt() {},
  close() {},
};

/** What a writer does in trouble, and whom it tells. */
export interface WriterOptions {
  conflict: Conflict;
  /** How long one trouble is borne. */
  giveUpAfterMs: number;
  onWait?: WaitListener;
  /** Told in a sentence when a server may have come back without some of what it acknowledged. */
  onReplaced?: (sentence: string) => void;
}

/** A writer to a target of any topology; it connects when it is first needed. */
export function openWriter(target: Endpoint, options: WriterOptions): SessionWriter & Exchange {
  const retry = new Retry(options.giveUpAfterMs, options.onWait);
  const { onReplaced } = options;
  const deployment = new Deployment(target, retry, onReplaced === undefined ? {} : { onReplaced });
  return {
    settle: (batch) => settleBatch(batch, deployment, options.conflict),
    exchange: (commands, answers) => deployment.exchange(commands, answers),
    interrupt: (error) => deployment.interrupt(error),
    close: () => deployment.close(),
  };
}

/** So often in a row the same sessions may be lost with their connection before it is they that break it. */
const MOST_STALLED_ROUNDS = 100;

/**
 * Sends a batch's commands and settles each: absent keys are written, what is still ours is updated or deleted, present
 * keys are looked at to tell our own value from another's, and so are keys whose reply was lost.
 * @throws {OperatorError} when the target refuses a write, or is given up
 */
export async function settleBatch(batch: WriteBatch, target: Exchange, conflict: Conflict): Promise<void> {
  let indices: readonly number[] = Array.from({ length: batch.count }, (_, index) => index);
  let steps: readonly Step[] = indices.map(() => SEND);
  let commands: Commands = batch;
  for (let stalled = 0; indices.length > 0; ) {
    const nextIndices: number[] = [];
    const nextSteps: Step[] = [];
    const answers: Answer[] = [];
    let failure = await target.exchange(commands, answers).then(
      () => null,
      (error: unknown) => error,
    );
    for (let at = 0; at < answers.length; at++) {
      const answer = answers[at];
      if (answer === undefined) continue;
      const index = indices[at] as number;
      const next = (steps[at] as Step).take(answer, batch, index, conflict);
      if (next === undefined) {
        failure ??= refusalOf(answer, commandNameIn(commands.command(at)));
      } else if (next !== null) {
        nextIndices.push(index);
        nextSteps.push(next);
        if (answer === LOST) stalled++;
      }
    }
    if (failure !== null) throw failure;
    if (nextIndices.length < indices.length) stalled = 0;
    if (stalled > MOST_STALLED_ROUNDS * nextIndices.length) throw stalledOver(nextIndices.length);
    indices = nextIndices;
    steps = nextSteps;
    commands = commandsOf(
      indices.map((index, at) => ({ key: batch.key(index), bytes: (steps[at] as Step).command(batch, index) })),
    );
  }
}

function refusalOf(answer: Answer, command: string): OperatorError {
  if (answer instanceof ErrorReply) return operatorErrorOf(answer.text, command);
  return new OperatorError(EXIT.refused, `the server's answer to ${command} is none that Redis gives`);
}

function stalledOver(sessions: number): OperatorError {
  const sentence =
    `the connection breaks again and again over the same ${sessions} sessions: look for a limit on the way to Redis, ` +
    'then run the same line again';
  return new OperatorError(EXIT.temporary, sentence);
}
