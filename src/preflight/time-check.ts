import { randomBytes } from 'node:crypto';
import { EXIT, OperatorError } from '../errors.js';
import { type ControlClient, replyOf } from '../redis/control.js';
import { ErrorReply } from '../redis/replies.js';
import { formatDuration } from '../units.js';

/** Long, as sessions live: servers may keep a long life coarser than a short one. */
const LIFE_MS = 7 * 86_400_000;
/** Where transactions are forbidden, even an accident leaves nothing for longer. */
const SHORT_LIFE_MS = 10_000;
/** A server that is asked for milliseconds by PTTL and TIME answers from two moments. */
const SLACK_MS = 5;
/** Tries at a name that a given master of a cluster is responsible for. */
const MAX_NAMES = 64;
const WRONG_NODE = /\b(MOVED|ASK|CROSSSLOT)\b/;

/**
 * How far from the moment that it was told a server lets a key expire, in milliseconds; Infinity where the key never
 * would, null where it can't be told. A key of no session, with an odd millisecond as its end, is set, asked and
 * removed in one transaction, or where the user may use none, in three commands.
 * @param key what stands around the sid
 */
export async function measureExpiry(
  client: ControlClient,
  key: { before: string; after: string },
): Promise<number | null> {
  for (let tries = 0; tries < MAX_NAMES; tries++) {
    const name = `${key.before}sess2redis:canary:${randomBytes(12).toString('hex')}${key.after}`;
    const replies = (await transact(client, name)) ?? (await inTurn(client, name));
    if (replies !== 'elsewhere') return replies;
  }
  return null;
}

function oddMoment(lifeMs: number): number {
  return Math.floor((Date.now() + lifeMs) / 1000) * 1000 + 777;
}

/** Null where transactions are forbidden. */
async function transact(client: ControlClient, name: string): Promise<number | 'elsewhere' | null> {
  // Commands behind a MULTI that is refused would be carried out one by one, and the key would stay.
  if ((await replyOf(client, ['MULTI'])) instanceof ErrorReply) return null;
  if ((await replyOf(client, ['DISCARD'])) instanceof ErrorReply) return null;
  const atMs = oddMoment(LIFE_MS);
  const transaction = client.multi();
  transaction.call('SET', name, 'x', 'NX', 'PXAT', String(atMs));
  for (const command of ['PEXPIRETIME', 'PTTL']) transaction.call(command, name);
  transaction.call('TIME');
  transaction.call('DEL', name);
  try {
    const replies = (await transaction.exec()) ?? [];
    const [, moment, left, time] = replies.map(([error, reply]) => (error === null ? reply : null));
    return offOf(atMs, moment, left, time);
  } catch (error) {
    const { message, previousErrors = [] } = error as Error & { previousErrors?: Error[] };
    const reasons = [message, ...previousErrors.map((previous) => previous.message)];
    // A command that the server does not have or the user may not use spoils a transaction as a whole.
    return reasons.some((reason) => WRONG_NODE.test(reason)) ? 'elsewhere' : null;
  }
}

async function inTurn(client: ControlClient, name: string): Promise<number | 'elsewhere' | null> {
  const atMs = oddMoment(SHORT_LIFE_MS);
  // What may not be removed is not set: it would lie among the sessions until it expires.
  const removed = await replyOf(client, ['DEL', name]);
  if (removed instanceof ErrorReply) return WRONG_NODE.test(removed.text) ? 'elsewhere' : null;
  const set = await replyOf(client, ['SET', name, 'x', 'NX', 'PXAT', String(atMs)]);
  if (set instanceof ErrorReply) return WRONG_NODE.test(set.text) ? 'elsewhere' : null;
  const moment = await replyOf(client, ['PEXPIRETIME', name]);
  const left = await replyOf(client, ['PTTL', name]);
  const time = await replyOf(client, ['TIME']);
  await replyOf(client, ['DEL', name]);
  return offOf(atMs, moment, left, time);
}

/**
 * @param moment and
 * @param left and
 * @param time what PEXPIRETIME, PTTL and TIME answered
 */
function offOf(atMs: number, moment: unknown, left: unknown, time: unknown): number | null {
  if (moment === -1 || left === -1) return Number.POSITIVE_INFINITY;
  if (typeof moment === 'number' && moment >= 0) return Math.abs(moment - atMs);
  const nowMs = momentOf(time);
  if (typeof left !== 'number' || left < 0 || nowMs === null) return null;
  const offMs = Math.abs(nowMs + left - atMs);
  return offMs <= SLACK_MS ? 0 : offMs;
}

/** What TIME answers, as epoch milliseconds; null for anything else. */
function momentOf(time: unknown): number | null {
  if (!Array.isArray(time) || time.length !== 2) return null;
  const [seconds, microseconds] = time.map(Number) as [number, number];
  const nowMs = seconds * 1000 + Math.floor(microseconds / 1000);
  return Number.isFinite(nowMs) ? nowMs : null;
}

/** From here on a difference between clocks is told, and from there on it is refused. */
const TOLD_MS = 2000;
const REFUSED_MS = 60_000;
/** Expiries that are kept coarser tell our own keys from the application's no more. */
const COARSEST_MS = 10_000;

/** How a server deals with time. */
export interface TimeOutlook {
  refusal: OperatorError | null;
  warnings: string[];
  /** It keeps expiries no finer than this, as far as was measured. */
  grainMs: number;
}

/**
 * Compares clocks, and asks whether the server lets keys expire when it is told to.
 * @param isDryRun nothing is written, so that the latter can't be asked
 * @param isSync keys have to be known again by their expiry
 * @throws {OperatorError} where the server can't be asked
 */
export async function checkTime(
  client: ControlClient,
  where: string,
  { key, isDryRun, isSync }: { key: { before: string; after: string }; isDryRun: boolean; isSync: boolean },
): Promise<TimeOutlook> {
  const beforeMs = Date.now();
  const serverMs = momentOf(await replyOf(client, ['TIME']));
  const clock = judgeClock(serverMs, beforeMs, Date.now(), where);
  if (clock.refusal !== null) return { ...clock, grainMs: 0 };
  if (isDryRun) {
    const warning = `how exactly ${where} keeps expiries is not measured: a dry run writes nothing`;
    return { refusal: null, warnings: [...clock.warnings, warning], grainMs: 0 };
  }
  const expiry = judgeExpiry(await measureExpiry(client, key), where, isSync);
  return { ...expiry, warnings: [...clock.warnings, ...expiry.warnings] };
}

/** @param serverMs what the server said at some moment from `beforeMs` to `afterMs`; null where it does not tell */
export function judgeClock(
  serverMs: number | null,
  beforeMs: number,
  afterMs: number,
  where: string,
): Pick<TimeOutlook, 'refusal' | 'warnings'> {
  if (serverMs === null) {
    return { refusal: null, warnings: [`the clock of ${where} could not be compared with this one: grant +time`] };
  }
  const aheadMs = Math.max(serverMs - afterMs, 0);
  const behindMs = Math.max(beforeMs - serverMs, 0);
  const offMs = Math.max(aheadMs, behindMs);
  if (offMs < TOLD_MS) return { refusal: null, warnings: [] };
  const side = aheadMs > 0 ? 'ahead of' : 'behind';
  const clocks =
    `the clock of ${where} says ${new Date(serverMs).toISOString()}, ${formatDuration(offMs)} ${side} this machine's ` +
    new Date(afterMs).toISOString();
  if (offMs < REFUSED_MS) {
    return { refusal: null, warnings: [`${clocks}: sessions will end by so much earlier or later; set both by NTP`] };
  }
  const sentence = `${clocks}: sessions would end too early or too late; set both by NTP`;
  return { refusal: new OperatorError(EXIT.refused, sentence), warnings: [] };
}

/** @param offMs see `measureExpiry` */
export function judgeExpiry(offMs: number | null, where: string, isSync: boolean): TimeOutlook {
  if (offMs === null) {
    const warning = `how exactly ${where} keeps expiries could not be measured`;
    return { refusal: null, warnings: [warning], grainMs: 0 };
  }
  if (offMs === Number.POSITIVE_INFINITY) {
    const sentence = `${where} takes a key with an expiry and lets it live for ever: sessions would never end there`;
    return { refusal: new OperatorError(EXIT.refused, sentence), warnings: [], grainMs: 0 };
  }
  if (offMs <= 2) return { refusal: null, warnings: [], grainMs: 0 };
  // What is off by this much once may be by nearly the double, depending on the moment.
  const grainMs = Math.max(1000, 2 * offMs);
  const words = `${where} keeps expiries no more exactly than ${formatDuration(grainMs)}`;
  if (grainMs <= COARSEST_MS) return { refusal: null, warnings: [`${words}: sessions end by so much off`], grainMs };
  const sentence = `${words}, so that sync could not tell our keys from those that the application saved`;
  if (isSync) return { refusal: new OperatorError(EXIT.refused, `${sentence}: it is refused`), warnings: [], grainMs };
  return { refusal: null, warnings: [`${sentence}: it will be refused`], grainMs };
}
