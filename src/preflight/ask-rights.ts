import { randomBytes } from 'node:crypto';
import { OperatorError } from '../errors.js';
import { foreignText } from '../masking.js';
import { type ControlClient, reopen, replyOf } from '../redis/control.js';
import { ErrorReply } from '../redis/replies.js';
import { operatorErrorOf } from '../redis/trouble.js';
import {
  EXPIRY_INSTEAD,
  escapePattern,
  isUnsupportedByServer,
  PROBE_KEY,
  PROBES,
  type ProbeAnswer,
  type Right,
  type Rights,
} from './rights.js';

/** `before`, the sid and `after` make the reader's key. */
interface KeyParts {
  before: string;
  after: string;
}

export interface AskedRights extends Rights {
  /** The error with which the server answered a write that its user may do; empty if it took it. */
  writeReply: string;
  /** It answered that write as a server does that takes writes. */
  takesWrites: boolean;
}

/**
 * Tries harmless commands in the place of those that a run will send. Nothing is written: the key of the probes does
 * not exist, and is no session's.
 * @throws {OperatorError} where the connection fails or wants a password
 */
export async function askRights(
  client: ControlClient,
  rights: readonly Right[],
  key: KeyParts,
  username: string | undefined,
): Promise<AskedRights> {
  const probeKey = `${key.before}sess2redis:probe:${randomBytes(12).toString('hex')}${key.after}`;
  const answers = new Map<Right, ProbeAnswer>();
  let [writeReply, takesWrites] = ['', false];
  const probe = async (right: Right) => {
    const words = wordsOf(PROBES[right], probeKey);
    const reply = right === 'hset' ? await queueProbe(client, words) : await sendProbe(client, words);
    const error = reply instanceof ErrorReply ? reply.text : '';
    if (/^(NOAUTH|WRONGPASS)/.test(error)) throw operatorErrorOf(error);
    answers.set(right, answerOf(right, reply));
    if (right === 'eval' && answers.get(right) === 'refused' && (await runsScript(client, probeKey))) {
      answers.set(right, 'allowed');
    }
    if (right !== 'set' || answers.get(right) !== 'allowed') return;
    writeReply = error;
    takesWrites = reply === null;
  };
  for (const right of rights) await probe(right);
  if (isUnsupportedByServer(answers.get('pexpiretime'))) for (const right of EXPIRY_INSTEAD) await probe(right);
  const user = await sendProbe(client, ['ACL', 'WHOAMI']);
  return {
    answers,
    writeReply,
    takesWrites,
    user: typeof user === 'string' ? foreignText(user, 60) : (username ?? 'default'),
    keyPattern: `${escapePattern(key.before)}*${escapePattern(key.after)}`,
  };
}

function wordsOf(probe: readonly (string | typeof PROBE_KEY)[], key: string): string[] {
  return probe.map((word) => (word === PROBE_KEY ? key : word));
}

/**
 * Sends a probe. A proxy that drops the connection twice in a row at the same command, and answers PING afterwards, has
 * refused that command: a network failure would not repeat like that.
 * @throws {OperatorError}
 */
async function sendProbe(client: ControlClient, words: readonly string[]): Promise<unknown> {
  for (let attempt = 0; attempt < 2; attempt++) {
    await reopen(client);
    try {
      return await replyOf(client, words);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
    }
  }
  await reopen(client);
  await replyOf(client, ['PING']);
  return new ErrorReply('it hung up');
}

/** What the server says to a command that is queued, and never carried out. */
async function queueProbe(client: ControlClient, words: readonly string[]): Promise<unknown> {
  const begun = await sendProbe(client, ['MULTI']);
  // Who has no transactions is asked by the run itself.
  if (begun instanceof ErrorReply) return null;
  const reply = await sendProbe(client, words);
  await sendProbe(client, ['DISCARD']);
  return reply;
}

/** The probe `(` may be refused with an error that is not known here; a valid script that runs settles it. */
async function runsScript(client: ControlClient, key: string): Promise<boolean> {
  return (await sendProbe(client, ['EVAL', 'return 1', '1', key])) === 1;
}

/** What a server answers to a command that it let in, whatever state it is in (redis/src/server.c, processCommand). */
const OWN_ERROR =
  /^(OOM|MISCONF|READONLY|LOADING|BUSY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|CROSSSLOT|MOVED|ASK|WRONGTYPE)( |$)/;
/** What it says to these very probes. */
const EXPECTED_ERROR: Partial<Record<Right, RegExp>> = { evalsha: /^NOSCRIPT( |$)/, eval: /^-?ERR .*compil/i };

/** Only replies that mean success are matched, as managed servers and proxies word refusals differently. */
function answerOf(right: Right, reply: unknown): ProbeAnswer {
  const expected = EXPECTED_ERROR[right];
  if (!(reply instanceof ErrorReply)) {
    const isOdd = expected !== undefined || (right === 'info' && !String(reply).includes(':'));
    return isOdd ? 'refused' : 'allowed';
  }
  const { text } = reply;
  if (/^ERR unknown command/i.test(text)) return 'unknown';
  if (text.startsWith('NOPERM')) return /\bto run\b/.test(text) ? 'no command' : 'no key';
  return OWN_ERROR.test(text) || expected?.test(text) ? 'allowed' : 'refused';
}
