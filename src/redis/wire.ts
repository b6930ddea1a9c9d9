import type net from 'node:net';
import { EXIT, OperatorError } from '../errors.js';
import { describeEndpoint, type Server } from './endpoint.js';
import { ErrorReply, NotRedis, type Reply } from './replies.js';
import { ReplyIntake } from './reply-guard.js';
import { CONNECT_TIMEOUT_MS, openSocket, unreachable } from './socket.js';
import { operatorErrorOf } from './trouble.js';

/**
 * The commands with which a connection begins. A new connection is in database 0, so SELECT is left out for that one: a
 * user may lack the right to it.
 */
export function loginSteps({ username, password, databaseIndex = 0 }: Server): string[][] {
  const steps: string[][] = [];
  if (password !== undefined) steps.push(username === undefined ? ['AUTH', password] : ['AUTH', username, password]);
  if (databaseIndex !== 0) steps.push(['SELECT', String(databaseIndex)]);
  return steps;
}

/** What it means that one of them was refused. */
export function refusedLogin(server: Server, step: readonly string[], reply: ErrorReply): OperatorError {
  const [command = ''] = step;
  const { databaseIndex = 0 } = server;
  const { text } = reply;
  if (command !== 'SELECT' || /^(NOAUTH|LOADING|BUSY|MASTERDOWN)\b/.test(text)) return operatorErrorOf(text, command);
  const where = describeEndpoint(server);
  if (/\bout of range|\binvalid (db|database) index/i.test(text)) {
    return new OperatorError(
      EXIT.usage,
      `the server has no database ${databaseIndex} (it is out of range): name another in --to`,
    );
  }
  if (/cluster/i.test(text)) {
    const sentence = `${where} is part of a cluster, which has the database 0 only: name it by cluster://host:port`;
    return new OperatorError(EXIT.refused, sentence);
  }
  if (text.startsWith('NOPERM')) {
    const sentence = `database ${databaseIndex} needs the right to SELECT: grant the user +select, or name database 0`;
    return new OperatorError(EXIT.permission, `${where}: ${sentence} (it said NOPERM)`);
  }
  const word = /^[A-Z]{2,20}(?= |$)/.exec(text)?.[0] ?? 'an error of its own';
  const sentence = `the server refuses SELECT (it said ${word}), so database ${databaseIndex} can't be reached: name database 0`;
  return new OperatorError(EXIT.permission, `${where}: ${sentence}`);
}

/**
 * How long the server may stay silent while replies are due. A longer pause of a living server costs no more than a new
 * connection, as what became of the commands is looked up there.
 */
const REPLY_TIMEOUT_MS = 15_000;
/** The same where somebody waits for the run to end. */
const HURRIED_TIMEOUT_MS = 3000;
/** An idle connection is probed after this time, and then each second ten times (libuv, uv__tcp_keepalive). */
const KEEP_ALIVE_MS = 15_000;

export interface ConnectOptions {
  /** For connecting and for each reply while logging in. */
  timeoutMs?: number;
  /** Gives up connecting. */
  signal?: AbortSignal;
}

interface Pending {
  expected: number;
  replies: Reply[];
  resolve: (replies: Reply[]) => void;
  reject: (error: Error) => void;
}

/**
 * One connection for bulk writes: ready-made command bytes go out, replies come back in order and are counted. It
 * never reconnects and never sends anything twice, so after a failure it is exactly known which replies arrived
 * (`repliesOf` the error). Bulk commands bypass ioredis because a command object, a promise and an encoding per key
 * cost three times what reading the session file costs (measured: 4.2 µs against 0.5 µs of client CPU per key), and
 * because ioredis resends or loses a batch whose connection breaks.
 */
export class Wire {
  readonly #socket: net.Socket;
  readonly #intake: ReplyIntake;
  readonly #pending: Pending[] = [];
  #failure: OperatorError | null = null;
  #timeoutMs: number;

  private constructor(
    socket: net.Socket,
    readonly endpoint: Server,
    timeoutMs: number,
  ) {
    this.#socket = socket;
    this.#intake = new ReplyIntake(timeoutMs);
    this.#timeoutMs = timeoutMs;
    socket.setTimeout(timeoutMs);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (data) => this.#receive(data));
    socket.on('error', (error) => this.#fail(unreachable(endpoint, error)));
    socket.on('close', () => this.#fail(unreachable(endpoint, new Error('the connection was closed'))));
    socket.on('timeout', () => {
      if (this.#pending.length > 0) {
        this.#fail(unreachable(endpoint, new Error(`no reply within ${this.#timeoutMs / 1000} s`)));
      }
    });
  }

  /**
   * Connects, logs in and selects the database.
   * @throws {OperatorError}
   */
  static async connect(endpoint: Server, options: ConnectOptions = {}): Promise<Wire> {
    const { timeoutMs = CONNECT_TIMEOUT_MS, signal } = options;
    const wire = new Wire(await openSocket(endpoint, timeoutMs, signal), endpoint, timeoutMs);
    try {
      for (const step of loginSteps(endpoint)) {
        const [reply] = await wire.request(encodeCommand(step), 1);
        if (reply instanceof ErrorReply) throw refusedLogin(endpoint, step, reply);
      }
    } catch (error) {
      wire.close();
      throw error;
    }
    wire.#awaitFor(REPLY_TIMEOUT_MS);
    return wire;
  }

  get isOpen(): boolean {
    return this.#failure === null;
  }

  /** Waits for no reply longer than some seconds from now on: the run is to end. */
  hurry(): void {
    this.#awaitFor(HURRIED_TIMEOUT_MS);
  }

  /**
   * Sends the commands in `bytes`, which must stay untouched until the promise settles, and resolves to their
   * `expected` replies.
   * @throws {LostReplies} when the connection fails first, with the replies that did arrive
   */
  request(bytes: Uint8Array, expected: number): Promise<Reply[]> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(new LostReplies([], this.#failure, false));
        return;
      }
      this.#pending.push({ expected, replies: [], resolve, reject });
      this.#intake.expect(expected);
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#fail(unreachable(this.endpoint, new Error('closed')));
  }

  #awaitFor(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.#intake.silenceMs = timeoutMs;
    this.#socket.setTimeout(timeoutMs);
  }

  #receive(data: Buffer): void {
    const replies: Reply[] = [];
    const wasNew = this.#intake.isNew;
    const failure = this.#intake.take(data, replies);
    let next = 0;
    while (next < replies.length) {
      const pending = this.#pending[0];
      if (pending === undefined) break;
      while (pending.replies.length < pending.expected && next < replies.length) {
        pending.replies.push(replies[next++] as Reply);
      }
      if (pending.replies.length === pending.expected) {
        this.#pending.shift();
        pending.resolve(pending.replies);
      }
    }
    if (failure === null) return;
    // A peer that has spoken as Redis does has lost the thread; another one never had it.
    const isLost = failure instanceof NotRedis && !(wasNew && replies.length === 0);
    this.#fail(unreachable(this.endpoint, isLost ? new Error(failure.message) : failure));
  }

  #fail(error: OperatorError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#socket.destroy();
    for (const pending of this.#pending.splice(0)) pending.reject(new LostReplies(pending.replies, error));
  }
}

/** The connection broke while replies were due: the first `replies` are known, the fate of the rest is not. */
export class LostReplies extends OperatorError {
  override readonly name = 'LostReplies';
  constructor(
    readonly replies: Reply[],
    cause: OperatorError,
    /** False where the connection was broken before anything was sent. */
    readonly wasSent = true,
  ) {
    super(cause.exitCode, cause.message, { cause });
  }
}

/** A command of text arguments in RESP. */
export function encodeCommand(words: readonly string[]): Buffer {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${parts.join('')}`);
}
