import { EXIT, OperatorError } from '../errors.js';
import { foreignText } from '../masking.js';
import { describeEndpoint, describeHost, type Server } from './endpoint.js';
import type { Reply } from './replies.js';
import { ReplyIntake } from './reply-guard.js';
import { heard, SPEAKS_TLS, speaksTls, unreachable } from './socket.js';
import { encodeCommand, LostReplies, Wire } from './wire.js';

const HUNG_UP = /hung up|the connection was closed|ECONNRESET|EPIPE/;
const PING = '*1\r\n$4\r\nPING\r\n';

/**
 * Why a server hung up at the first command of a connection. Where it speaks first and closes, as it does with one
 * client too many, its words may be lost behind our own: whoever only listens gets them.
 * @param loss what is known so far
 */
export async function reasonOfSilence(server: Server, command: string, loss: OperatorError): Promise<OperatorError> {
  if (loss.exitCode !== EXIT.temporary || !HUNG_UP.test(loss.message)) return loss;
  const said = await heard(server, '');
  if (said !== null) {
    const farewell = new ReplyIntake(Number.POSITIVE_INFINITY).take(said, []);
    if (farewell instanceof OperatorError) return unreachable(server, farewell);
  }
  if (await speaksTls(server)) return new OperatorError(EXIT.usage, `${describeEndpoint(server)}: ${SPEAKS_TLS}`);
  const answer = await heard(server, PING);
  if (answer === null || !/^[+-][A-Z]/.test(answer.toString('latin1'))) return loss;
  // A link may be cut at any command; a proxy that does not know one hangs up at it each time.
  if (!(await hangsUpAt(server, command))) return loss;
  const sentence =
    `it hangs up at ${command} without a word, and answers PING: a proxy does so with commands that it does not know, ` +
    'name the Redis behind it';
  return new OperatorError(EXIT.permission, `${describeEndpoint(server)}: ${sentence}`);
}

/**
 * Whether the server, asked once more on a connection of its own, hangs up at a command; without its words it refuses
 * it.
 */
async function hangsUpAt(server: Server, command: string): Promise<boolean> {
  let wire: Wire | null = null;
  try {
    wire = await Wire.connect(server);
    wire.hurry();
    await wire.request(encodeCommand([command]), 1);
    return false;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return HUNG_UP.test(error.message);
  } finally {
    wire?.close();
  }
}

/** Told when a server was connected to, with what tells one start of it from the next; null where it does not say. */
export type Introduction = (server: Server, runId: string | null) => void;

/** The connections to a target's servers, one each, made when they are first needed. */
export class Links {
  readonly #open = new Map<string, Wire>();
  readonly #opening = new Map<string, Promise<Wire>>();
  readonly #closing = new AbortController();
  #isHurried = false;

  /** @param takesReplicas whether a server that takes no writes will do */
  constructor(
    readonly introduce: Introduction,
    readonly takesReplicas: boolean,
  ) {}

  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** The connection to a server, if it is open. */
  held(server: Server): Wire | null {
    const wire = this.#open.get(nameOf(server));
    return wire?.isOpen === true ? wire : null;
  }

  /**
   * The open connection to a server, or a new one.
   * @throws {OperatorError} also for a server that takes no writes
   */
  async to(server: Server): Promise<Wire> {
    const held = this.held(server);
    if (held !== null) return held;
    const name = nameOf(server);
    let opening = this.#opening.get(name);
    if (opening === undefined) {
      opening = this.#connect(server).finally(() => this.#opening.delete(name));
      this.#opening.set(name, opening);
    }
    return opening;
  }

  drop(server: Server): void {
    this.#open.get(nameOf(server))?.close();
    this.#open.delete(nameOf(server));
  }

  /** Closes the connections to all other servers. */
  keepOnly(servers: readonly Server[]): void {
    const names = servers.map(nameOf);
    for (const [name, wire] of this.#open) {
      if (names.includes(name)) continue;
      this.#open.delete(name);
      wire.close();
    }
  }

  /** Waits for no reply longer than some seconds from now on. */
  hurry(): void {
    this.#isHurried = true;
    for (const wire of this.#open.values()) wire.hurry();
  }

  close(): void {
    this.#closing.abort();
    this.keepOnly([]);
  }

  async #connect(server: Server): Promise<Wire> {
    const wire = await Wire.connect(server, { signal: this.signal });
    try {
      if (this.#isHurried) wire.hurry();
      const questions = [['ROLE'], ['INFO', 'server']];
      // Reading leaves no trace on what an eviction policy goes by (7.2); an older server says no, which changes
      // nothing.
      if (this.takesReplicas) questions.push(['CLIENT', 'NO-TOUCH', 'ON']);
      const [role, info] = await firstReplies(wire, questions);
      // A user may lack the right to either question.
      const word = roleIn(role);
      if (!this.takesReplicas && TAKE_NO_WRITES.has(word)) {
        const isWritable = word === 'slave' && server.announcedBy === undefined && (await saysWritable(wire));
        if (!isWritable) throw notMaster(server, word);
      }
      const runId = info instanceof Buffer ? (/^run_id:(\w{1,64})\r?$/m.exec(info.toString())?.[1] ?? null) : null;
      this.introduce(server, runId);
      this.#open.set(nameOf(server), wire);
      return wire;
    } catch (error) {
      wire.close();
      throw error;
    }
  }
}

/** By its own word no place to write to. Others are tried: `active-replica`, as KeyDB says, takes writes. */
const TAKE_NO_WRITES: ReadonlySet<string> = new Set(['slave', 'sentinel']);

/** `[role, ...]`; KeyDB has a list in it for each of several masters. Empty where the server does not tell. */
function roleIn(reply: Reply | undefined): string {
  let first = reply;
  while (Array.isArray(first)) first = first[0];
  return first instanceof Buffer ? foreignText(first.toString('latin1'), 20) : '';
}

/** Whether a replica says that it takes writes. */
async function saysWritable(wire: Wire): Promise<boolean> {
  const [info] = await wire.request(encodeCommand(['INFO', 'replication']), 1);
  return info instanceof Buffer && /^(slave_read_only:0|role:active-replica)\r?$/m.test(info.toString('latin1'));
}

async function firstReplies(wire: Wire, questions: readonly string[][]): Promise<Reply[]> {
  try {
    return await wire.request(Buffer.concat(questions.map(encodeCommand)), questions.length);
  } catch (error) {
    if (!(error instanceof LostReplies) || error.replies.length > 0) throw error;
    throw await reasonOfSilence(wire.endpoint, questions[0]?.[0] as string, error);
  }
}

function nameOf(server: Server): string {
  return describeHost(server);
}

/** Of a server that should take writes and does not. A failover may be under way where others announced it. */
export function notMaster(server: Server, role: string): OperatorError {
  const what = role === 'slave' ? 'a read-only replica' : `a ${role}`;
  const sentence =
    server.announcedBy === undefined
      ? `has become ${what}: name its master and run again`
      : `is ${what}, though ${server.announcedBy} names it as the master: wait for the failover to end, then run the same line again`;
  return new OperatorError(EXIT.temporary, `${describeEndpoint(server)} ${sentence}`);
}

/**
 * Notices when a place of the target, once filled by a server that had our sessions, is filled by another start of it
 * or by another server: what the first one acknowledged last may be missing there (redis.io, "Scale with Redis
 * Cluster", on consistency: replication is asynchronous, and so is the append-only file unless it is told otherwise).
 */
export class Continuity {
  readonly #runIds = new Map<string, string>();
  readonly #broken = new Map<string, Server>();

  /** @param onReplaced told in a sentence */
  constructor(readonly onReplaced: (sentence: string) => void) {}

  /** A server was connected to; `runId` is another after each start. */
  met(place: string, server: Server, runId: string | null): void {
    this.#broken.delete(place);
    if (runId === null) return;
    const before = this.#runIds.get(place);
    this.#runIds.set(place, runId);
    if (before !== undefined && before !== runId) {
      this.onReplaced(`${describeEndpoint(server)} was restarted or has taken over from another server meanwhile`);
    }
  }

  /** The connection to a server was lost. */
  broke(place: string, server: Server): void {
    if (this.#runIds.has(place)) this.#broken.set(place, server);
  }

  /** Told of the places there are now: a place that was lost and is not among them was taken over by another server. */
  remaining(places: readonly string[]): void {
    for (const [place, server] of this.#broken) {
      if (places.includes(place)) continue;
      this.#broken.delete(place);
      this.#runIds.delete(place);
      this.onReplaced(`another server has taken over from ${describeEndpoint(server)} meanwhile`);
    }
  }
}
