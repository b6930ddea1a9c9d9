import { UNSETTLED } from '../session.js';
import { ACTION, CODE, type WriteBatch } from './batch.js';
import { createCommand, getCommand, overwriteCommand, wholeScript } from './commands.js';
import { type Answer, LOST } from './exchange.js';
import { ErrorReply } from './replies.js';
import { UPDATE_REPLY } from './scripts/owned.js';

/** What to do with a key that exists: `keep` it, Odoo's word wins, or `overwrite` it with the file's. */
export type Conflict = 'keep' | 'overwrite';

/**
 * One command on a session's way to its outcome. `take` reads the answer and gives the next step, or null where the
 * outcome is set, or undefined for an answer that no step can use.
 */
export interface Step {
  command(batch: WriteBatch, index: number): Uint8Array;
  take(answer: Answer, batch: WriteBatch, index: number, conflict: Conflict): Step | null | undefined;
}

/** The batch's own command. */
export const SEND: Step = {
  command: (batch, index) => batch.command(index),
  take: (answer, batch, index, conflict) =>
    batch.action[index] === ACTION.create
      ? takeCreated(answer, batch, index)
      : takeScripted(SEND, answer, batch, index, conflict),
};

/** The same with the script's text, for a server that was restarted or never met us: it remembers the script from then on. */
const SEND_SCRIPT: Step = {
  command: wholeScript,
  take: (answer, batch, index, conflict) => takeScripted(SEND_SCRIPT, answer, batch, index, conflict),
};

/** Where scripts are forbidden, or a lost command did not arrive: what is there is never replaced. */
const CREATE: Step = { command: createCommand, take: takeCreated };

/** The key was there already: whose is it? One that expired or was deleted just now is as good as Odoo's. */
const COMPARE: Step = {
  command: (batch, index) => getCommand(batch.key(index)),
  take: (answer, batch, index, conflict) => {
    if (answer === LOST) return COMPARE;
    if (answer === null && batch.mayCreate[index] === 0) return withhold(batch, index, conflict);
    if (answer === null) return foundOther(batch, index, conflict);
    return takeHeld(answer, batch, index, conflict);
  },
};

/** What became of a create whose reply was lost: an absent key was never set. */
const LOOK: Step = {
  command: (batch, index) => getCommand(batch.key(index)),
  take: (answer, batch, index, conflict) => {
    if (answer === LOST) return LOOK;
    if (answer === null) return CREATE;
    return takeHeld(answer, batch, index, conflict);
  },
};

/** Sets key, value and expiry whatever is there; only the reply says whether it was done. */
function overwriting(outcome: number): Step {
  const overwrite: Step = {
    command: overwriteCommand,
    take: (answer, batch, index) => (answer === LOST ? look : answer === true ? end(batch, index, outcome) : undefined),
  };
  /** What became of it when the reply was lost. */
  const look: Step = {
    command: (batch, index) => getCommand(batch.key(index)),
    take: (answer, batch, index) => {
      if (answer === LOST) return look;
      if (answer instanceof Buffer && answer.equals(batch.value(index))) return end(batch, index, outcome);
      return answer === null || answer instanceof Buffer || isWrongType(answer) ? overwrite : undefined;
    },
  };
  return overwrite;
}

const OVERWRITE_SAME = overwriting(CODE.same);
const OVERWRITE_OTHER = overwriting(CODE.updated);

/** Codes of what the update script answers, by its answer. */
const UPDATE_CODES: Readonly<Record<number, number>> = {
  [UPDATE_REPLY.kept]: CODE.kept,
  [UPDATE_REPLY.written]: CODE.written,
  [UPDATE_REPLY.updated]: CODE.updated,
  [UPDATE_REPLY.same]: CODE.same,
  [UPDATE_REPLY.withheld]: CODE.kept,
};

function takeCreated(answer: Answer, batch: WriteBatch, index: number): Step | null | undefined {
  if (answer === true) return end(batch, index, CODE.written);
  if (answer === null) return COMPARE;
  return answer === LOST ? LOOK : undefined;
}

/** A lost script may be sent again: it does only what it has not done already, and only to what is ours. */
function takeScripted(
  step: Step,
  answer: Answer,
  batch: WriteBatch,
  index: number,
  conflict: Conflict,
): Step | null | undefined {
  const isUpdate = batch.action[index] === ACTION.update;
  if (typeof answer === 'number') {
    if (isUpdate && answer === UPDATE_REPLY.kept && conflict === 'overwrite') return COMPARE;
    if (isUpdate && answer === UPDATE_REPLY.withheld) return withhold(batch, index, conflict);
    return end(batch, index, isUpdate ? (UPDATE_CODES[answer] ?? UNSETTLED) : answer);
  }
  if (answer === LOST) return step;
  if (!(answer instanceof ErrorReply)) return undefined;
  if (answer.text.startsWith('NOSCRIPT')) return SEND_SCRIPT;
  // Without scripts nothing that is there can be replaced safely.
  return isUpdate && isScriptForbidden(answer.text) ? (batch.mayCreate[index] === 1 ? CREATE : COMPARE) : undefined;
}

function takeHeld(answer: Answer, batch: WriteBatch, index: number, conflict: Conflict): Step | null | undefined {
  if (answer instanceof Buffer && answer.equals(batch.value(index))) {
    return conflict === 'overwrite' ? OVERWRITE_SAME : end(batch, index, CODE.same);
  }
  return answer instanceof Buffer || isWrongType(answer) ? foundOther(batch, index, conflict) : undefined;
}

function foundOther(batch: WriteBatch, index: number, conflict: Conflict): Step | null {
  return conflict === 'overwrite' ? OVERWRITE_OTHER : end(batch, index, CODE.kept);
}

/** Gone, though nothing of ours was due to go: it stays so, unless the operator said that files win. */
function withhold(batch: WriteBatch, index: number, conflict: Conflict): Step | null {
  if (conflict === 'overwrite') return OVERWRITE_OTHER;
  batch.withheld[index] = 1;
  return end(batch, index, CODE.kept);
}

function end(batch: WriteBatch, index: number, outcome: number): null {
  batch.outcome[index] = outcome;
  return null;
}

function isWrongType(answer: Answer): boolean {
  return answer instanceof ErrorReply && answer.text.startsWith('WRONGTYPE');
}

/** Any refusal but one out of the script itself: managed servers and proxies have words of their own for it. */
function isScriptForbidden(text: string): boolean {
  return !/^-?ERR Error (running|compiling) script|user_script|^WRONGTYPE/i.test(text);
}
