import { codeOf, UNSETTLED } from '../session.js';
import { ACTION, type WriteBatch } from './batch.js';
import { UPDATE_REPLY } from './ownership.js';
import { ErrorReply } from './replies.js';
import { type Answer, LOST } from './routing.js';

/** Codes that a writer gives, looked up once. */
export const CODE = {
  written: codeOf('written'),
  updated: codeOf('updated'),
  same: codeOf('same'),
  kept: codeOf('kept'),
} as const;

/** `GET key` */
function getCommand(key: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`*2\r\n$3\r\nGET\r\n$${key.length}\r\n`), key, CRLF]);
}

/** `SET key value NX PXAT expiry` for a session of the batch. */
function createCommand(batch: WriteBatch, index: number): Buffer {
  return setCommand(batch, index, '*6', '$2\r\nNX\r\n');
}

/** `SET key value PXAT expiry` for a session of the batch. */
function overwriteCommand(batch: WriteBatch, index: number): Buffer {
  return setCommand(batch, index, '*5', '');
}

/** The batch's `EVALSHA` command as an `EVAL` with the script's text in it. */
function wholeScript(batch: WriteBatch, index: number): Buffer {
  const { text, sha } = batch.action[index] === ACTION.delete ? batch.scripts.delete : batch.scripts.update;
  const command = batch.command(index);
  const head = command.subarray(0, command.indexOf(CRLF) + CRLF.length);
  const tail = command.subarray(command.indexOf(sha) + sha.length);
  return Buffer.concat([head, Buffer.from(`$4\r\nEVAL\r\n$${Buffer.byteLength(text)}\r\n${text}`), tail]);
}

const CRLF = Buffer.from('\r\n');

function setCommand(batch: WriteBatch, index: number, count: string, condition: string): Buffer {
  const key = batch.key(index);
  const value = batch.value(index);
  const expiry = String(batch.expiryMs[index]);
  return Buffer.concat([
    Buffer.from(`${count}\r\n$3\r\nSET\r\n$${key.length}\r\n`),
    key,
    Buffer.from(`\r\n$${value.length}\r\n`),
    value,
    Buffer.from(`\r\n${condition}$4\r\nPXAT\r\n$${expiry.length}\r\n${expiry}\r\n`),
  ]);
}

/** What to do with a key that exists: `keep` it, the application's word wins, or `overwrite` it with the file's. */
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
    batch.action[index] === ACTION.create && batch.ownership.hash === undefined
      ? takeCreated(answer, batch, index)
      : takeScripted(SEND, answer, batch, index, conflict),
};

/**
 * The same with the script's text, for a server that was restarted or never met us: it remembers the script from then
 * on.
 */
const SEND_SCRIPT: Step = {
  command: wholeScript,
  take: (answer, batch, index, conflict) => takeScripted(SEND_SCRIPT, answer, batch, index, conflict),
};

/** Where scripts are forbidden, or a lost command did not arrive: what is there is never replaced. */
const CREATE: Step = { command: createCommand, take: takeCreated };

/** The key was there already: whose is it? One that expired or was deleted just now is as good as the application's. */
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
  const isUpdate = batch.action[index] !== ACTION.delete;
  if (typeof answer === 'number') {
    if (isUpdate && answer === UPDATE_REPLY.kept && conflict === 'overwrite') return COMPARE;
    if (isUpdate && answer === UPDATE_REPLY.withheld) return withhold(batch, index, conflict);
    return end(batch, index, isUpdate ? (UPDATE_CODES[answer] ?? UNSETTLED) : answer);
  }
  if (answer === LOST) return step;
  if (!(answer instanceof ErrorReply)) return undefined;
  if (answer.text.startsWith('NOSCRIPT')) return SEND_SCRIPT;
  // Without scripts nothing that is there can be replaced safely, and no hash be written whole.
  if (batch.ownership.hash !== undefined) return undefined;
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
