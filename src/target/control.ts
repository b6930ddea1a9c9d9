import { Redis, type RedisOptions } from 'ioredis';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Endpoint } from './endpoint.js';
import { ErrorReply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';
import { CONNECT_TIMEOUT_MS, tlsOptions, unreachable } from './wire.js';

/** A connection for questions, not for bulk writes. Whoever asked for it disconnects it. */
export type ControlClient = Redis;

/** Connects, logs in and selects the endpoint's database. @throws {OperatorError} */
export async function connectControl(endpoint: Endpoint): Promise<ControlClient> {
  const client = await connect(endpoint);
  try {
    await logIn(client, endpoint);
    return client;
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

/** Those that have answered as Redis does. */
const known = new WeakSet<ControlClient>();

/** The reply to one command; an error reply is returned, not thrown. @throws {OperatorError} where no Redis answers */
export async function replyOf(client: ControlClient, words: readonly string[]): Promise<unknown> {
  const [command, ...args] = words as [string, ...string[]];
  try {
    const reply = await client.call(command, ...args);
    known.add(client);
    return reply;
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') {
      known.add(client);
      return new ErrorReply(error.message);
    }
    const where = `${client.options.path ?? `${client.options.host}:${client.options.port}`}`;
    const sentence = known.has(client)
      ? `the connection was lost before the answer to ${command}: check that Redis runs`
      : `no answer to ${command} as Redis gives one: check the address, and that it is Redis's port`;
    throw new OperatorError(EXIT.temporary, `${where}: ${sentence}`, { cause: error });
  }
}

/** The reply to one command as text. @throws {OperatorError} also for an error reply */
export async function ask(client: ControlClient, ...words: string[]): Promise<string> {
  const reply = await replyOf(client, words);
  if (reply instanceof ErrorReply) throw operatorErrorOf(reply.text);
  return String(reply);
}

async function connect(endpoint: Endpoint): Promise<Redis> {
  const client = new Redis({ ...CONTROL_OPTIONS, ...addressOf(endpoint) });
  let failure: Error | undefined;
  client.on('error', (error: Error) => {
    failure ??= error;
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    client.disconnect();
    throw unreachable(endpoint, failure ?? (error as Error));
  }
}

async function logIn(client: Redis, { username, password, databaseIndex = 0 }: Endpoint): Promise<void> {
  // By hand: ioredis only warns on the console where a password is refused or not wanted.
  if (password !== undefined) {
    await ask(client, 'AUTH', ...(username === undefined ? [password] : [username, password]));
  }
  // A connection begins in database 0, and a user may lack the right to SELECT.
  if (databaseIndex === 0) return;
  await ask(client, 'SELECT', String(databaseIndex)).catch((error: unknown) => {
    if (error instanceof OperatorError && error.exitCode === EXIT.unexpected) {
      throw new OperatorError(EXIT.usage, `the server has no database ${databaseIndex}: name another in --to`);
    }
    throw error;
  });
}

const CONTROL_OPTIONS = {
  lazyConnect: true,
  // A pre-flight that can't connect has its answer; waiting and trying again is the operator's choice.
  retryStrategy: () => null,
  enableOfflineQueue: false,
  enableReadyCheck: false,
  disableClientInfo: true,
  // Else the process lingers for two seconds after a connection that failed.
  disconnectTimeout: 0,
  connectTimeout: CONNECT_TIMEOUT_MS,
  commandTimeout: CONNECT_TIMEOUT_MS,
  // RESP2 spares a HELLO that servers before 6 and some proxies refuse.
  protocol: 2,
} satisfies RedisOptions;

function addressOf(endpoint: Endpoint): Pick<RedisOptions, 'path' | 'host' | 'port' | 'tls'> {
  const { kind, address, port } = endpoint;
  if (kind === 'unix') return { path: address };
  return { host: address, port, ...(kind === 'tls' && { tls: tlsOptions(endpoint) }) };
}
