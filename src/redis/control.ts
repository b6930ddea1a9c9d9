import type { AbstractConnector, Redis, RedisOptions } from 'ioredis';
import { EXIT, OperatorError } from '../errors.js';
import { reasonOfSilence } from './connections.js';
import { describeEndpoint, type Endpoint, type Server } from './endpoint.js';
import { ErrorReply } from './replies.js';
import { GuardedStream } from './reply-guard.js';
import { CONNECT_TIMEOUT_MS, openSocket, unreachable } from './socket.js';
import { operatorErrorOf } from './trouble.js';
import { loginSteps, refusedLogin } from './wire.js';

/** A connection for questions, not for bulk writes. Whoever asked for it disconnects it. */
export type ControlClient = Redis;

/** What is known of a client's connection. */
interface Connection {
  server: Server;
  /** It has answered as Redis does. */
  isKnown: boolean;
  /** Why it broke; null while it holds. */
  failure: Error | null;
  /** Ends the attempt to connect. */
  giveUp: AbortController;
}

const connections = new WeakMap<ControlClient, Connection>();
/** Those that are connected, or about to be. */
const open = new Set<ControlClient>();

/**
 * Connects, logs in and selects the endpoint's database.
 * @throws {OperatorError}
 */
export async function connectControl(endpoint: Endpoint): Promise<ControlClient> {
  const connection: Connection = { server: endpoint, isKnown: false, failure: null, giveUp: new AbortController() };
  // Loaded here, as an audit without a target reaches this file as well: it is 45 modules and 18 MB.
  const ioredis = await import('ioredis');
  const client = new ioredis.Redis({
    ...CONTROL_OPTIONS,
    Connector: connectorTo(connection, ioredis.AbstractConnector),
  });
  connections.set(client, connection);
  client.on('error', (error: Error) => {
    connection.failure ??= error;
  });
  client.on('connecting', () => open.add(client));
  client.on('end', () => open.delete(client));
  try {
    await login(client, connection);
    return client;
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

/** Ends all connections, whatever is asked there, so that nothing but an answer holds the process up. */
export function hangUp(): void {
  for (const client of open) {
    connections.get(client)?.giveUp.abort();
    client.disconnect();
  }
}

/**
 * The reply to one command, its texts decoded; an error reply is returned, not thrown.
 * @throws {OperatorError}
 */
export function replyOf(client: ControlClient, words: readonly string[]): Promise<unknown> {
  return asked(client, words, (command, args) => client.call(command, ...args));
}

/**
 * The same with texts as bytes.
 * @throws {OperatorError}
 */
export function bytesOf(client: ControlClient, words: readonly string[]): Promise<unknown> {
  return asked(client, words, (command, args) => client.callBuffer(command, ...args));
}

/**
 * Opens a connection again that a proxy or firewall closed, as some do after a command that they refuse.
 * @throws {OperatorError}
 */
export async function reopen(client: ControlClient): Promise<void> {
  const connection = connections.get(client);
  if (connection !== undefined && client.status === 'end') await login(client, connection);
}

/**
 * The reply to one command as text.
 * @throws {OperatorError} also for an error reply
 */
export async function ask(client: ControlClient, ...words: string[]): Promise<string> {
  const reply = await replyOf(client, words);
  if (reply instanceof ErrorReply) throw operatorErrorOf(reply.text, words[0]);
  return String(reply);
}

async function asked(
  client: ControlClient,
  words: readonly string[],
  call: (command: string, args: string[]) => Promise<unknown>,
): Promise<unknown> {
  const [command, ...args] = words as [string, ...string[]];
  const connection = connections.get(client);
  try {
    const reply = await call(command, args);
    if (connection !== undefined) connection.isKnown = true;
    return reply;
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') {
      if (connection !== undefined) connection.isKnown = true;
      return new ErrorReply(error.message);
    }
    if (connection === undefined) throw error;
    throw await lossOf(connection, command, error as Error);
  }
}

/** Why no answer came. */
async function lossOf({ server, isKnown, failure }: Connection, command: string, error: Error): Promise<OperatorError> {
  if (failure !== null) {
    const reason = unreachable(server, failure);
    return isKnown ? reason : reasonOfSilence(server, command, reason);
  }
  const isLate = /timed out/i.test(error.message);
  const sentence = isLate
    ? `no answer to ${command} within ${CONNECT_TIMEOUT_MS / 1000} s`
    : `it hung up at ${command}`;
  const where = describeEndpoint(server);
  const loss = new OperatorError(EXIT.temporary, `${where}: ${sentence}: check that Redis runs, then run again`);
  return isKnown || isLate ? loss : reasonOfSilence(server, command, loss);
}

async function login(client: ControlClient, connection: Connection): Promise<void> {
  connection.failure = null;
  try {
    await client.connect();
  } catch (error) {
    throw unreachable(connection.server, connection.failure ?? (error as Error));
  }
  // By hand: ioredis only warns on the console where a password is refused or not wanted.
  for (const step of loginSteps(connection.server)) {
    const reply = await replyOf(client, step);
    if (reply instanceof ErrorReply) throw refusedLogin(connection.server, step, reply);
  }
}

/** Connects as bulk connections do, with their bounds and their words for what goes wrong. */
function connectorTo(
  { server, giveUp }: Connection,
  Base: typeof AbstractConnector,
): NonNullable<RedisOptions['Connector']> {
  return class extends Base {
    constructor() {
      // Else the process lingers for two seconds after a connection that failed.
      super(0);
    }

    override async connect(): ReturnType<AbstractConnector['connect']> {
      this.connecting = true;
      const socket = await openSocket(server, CONNECT_TIMEOUT_MS, giveUp.signal);
      this.stream = new GuardedStream(socket, CONNECT_TIMEOUT_MS) as unknown as typeof this.stream;
      return this.stream;
    }
  };
}

const CONTROL_OPTIONS = {
  lazyConnect: true,
  // A pre-flight that can't connect has its answer; waiting and trying again is the operator's choice.
  retryStrategy: () => null,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  disableClientInfo: true,
  commandTimeout: CONNECT_TIMEOUT_MS,
  // RESP2 spares a HELLO that servers before 6 and some proxies refuse.
  protocol: 2,
} satisfies RedisOptions;
