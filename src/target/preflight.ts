import { Redis, type RedisOptions } from 'ioredis';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { describeEndpoint, type Endpoint } from './endpoint.js';
import { operatorErrorOf } from './reply-errors.js';
import { CONNECT_TIMEOUT_MS, tlsOptions, unreachable } from './wire.js';

/** `SET ... PXAT` came with 6.2 (https://redis.io/docs/latest/commands/set/, history). */
const OLDEST_VERSION = [6, 2] as const;

export interface TargetFacts {
  version: string;
  warnings: string[];
}

/**
 * Looks at the server before anything is written, on a connection of its own, and only reads. @throws {OperatorError}
 * when the run could not succeed or would do harm
 */
export async function inspectTarget(endpoint: Endpoint): Promise<TargetFacts> {
  const client = await connectControl(endpoint);
  try {
    await logIn(client, endpoint);
    return judge(parseInfo(await ask(client, 'INFO')), endpoint);
  } finally {
    client.disconnect();
  }
}

async function logIn(client: Redis, { username, password, databaseIndex = 0 }: Endpoint): Promise<void> {
  // By hand: ioredis only warns on the console where a password is refused or not wanted.
  if (password !== undefined) {
    await ask(client, 'AUTH', ...(username === undefined ? [password] : [username, password]));
  }
  await ask(client, 'SELECT', String(databaseIndex)).catch((error: unknown) => {
    if (error instanceof OperatorError && error.exitCode === EXIT.unexpected) {
      throw new OperatorError(EXIT.usage, `the server has no database ${databaseIndex}: name another in --to`);
    }
    throw error;
  });
}

async function connectControl(endpoint: Endpoint): Promise<Redis> {
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

/** @throws {OperatorError} */
async function ask(client: Redis, command: string, ...args: string[]): Promise<string> {
  try {
    return String(await client.call(command, ...args));
  } catch (error) {
    if (error instanceof Error && error.name === 'ReplyError') throw operatorErrorOf(error.message);
    const where = `${client.options.path ?? `${client.options.host}:${client.options.port}`}`;
    const sentence = `${where}: no answer to ${command} as Redis gives one: check the address, and that it is Redis's port`;
    throw new OperatorError(EXIT.temporary, sentence, { cause: error });
  }
}

function parseInfo(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

function judge(info: Map<string, string>, endpoint: Endpoint): TargetFacts {
  const where = describeEndpoint(endpoint);
  const version = info.get('redis_version') ?? 'unknown';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1])) {
    throw refused(`${where} is Redis ${version}, and absolute expiries need 6.2 or later: upgrade it first`);
  }
  if (info.get('role') === 'slave') {
    const master = `${info.get('master_host')}:${info.get('master_port')}`;
    throw refused(`${where} is a read-only replica: name its master, ${master}`);
  }
  if (info.get('cluster_enabled') === '1') {
    throw refused(`${where} is part of a cluster, and this version writes to a single server: name one`);
  }
  if (info.get('loading') === '1') {
    throw new OperatorError(EXIT.temporary, `${where} is still loading its data: run again when it is done`);
  }
  return { version, warnings: warningsOf(info) };
}

function warningsOf(info: Map<string, string>): string[] {
  const warnings: string[] = [];
  const policy = info.get('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction' && info.get('maxmemory') !== '0') {
    warnings.push(
      `the server's maxmemory-policy is ${policy}: when memory runs out it drops sessions without an error; set noeviction`,
    );
  }
  if (info.get('rdb_last_bgsave_status') === 'err' || info.get('aof_last_write_status') === 'err') {
    warnings.push('the server failed to save its data to disk the last time, and may soon refuse writes (MISCONF)');
  }
  return warnings;
}

function refused(message: string): OperatorError {
  return new OperatorError(EXIT.refused, message);
}
