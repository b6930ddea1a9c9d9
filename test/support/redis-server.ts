import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Endpoint } from '../../src/redis/endpoint.js';
import type { Reply } from '../../src/redis/replies.js';
import { encodeCommand, Wire } from '../../src/redis/wire.js';

/** How the test itself logs in. */
export interface Login {
  password?: string;
  db?: number;
}

export interface Held {
  value: Buffer;
  /** PEXPIRETIME: epoch milliseconds, -1 for none. */
  expiryMs: number;
}

/** In the names of keys that say what a run has done, and are no sessions. */
const MARKER = 'sess2redis-marker';

/** A real server in a process of its own, which ends with its test or test file. It listens on a unix socket at least. */
export class RedisServer {
  readonly socket: string;
  port = 0;
  #process: ChildProcess | null = null;
  readonly #clients: Redis[] = [];
  /** Words before the program's name, to start it in a special way. */
  #wrapper: readonly string[] = [];
  #ownsDirectory = false;

  /** @param options further words of redis-server's command line; the word `free` becomes a port that is free */
  private constructor(
    readonly directory: string,
    readonly options: readonly string[],
  ) {
    this.socket = join(directory, 'redis.sock');
    chmodSync(directory, 0o755);
  }

  /** For all tests of a file or `describe`; up before the first of them. */
  static forFile(workspace: string, options: readonly string[] = []): RedisServer {
    const server = new RedisServer(mkdtempSync(join(workspace, 'redis-')), options);
    beforeAll(() => server.up());
    afterAll(() => server.stop());
    return server;
  }

  /** For the test that runs. */
  static async forTest(workspace: string, options: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(mkdtempSync(join(workspace, 'redis-')), options);
    onTestFinished(() => server.stop());
    await server.up();
    return server;
  }

  /** For whoever stops it; its directory goes with it. */
  static start(...options: string[]): Promise<RedisServer> {
    return RedisServer.startAs([], ...options);
  }

  /** @param wrapper words that are put before the program's name, to start it in a special way */
  static async startAs(wrapper: readonly string[], ...options: string[]): Promise<RedisServer> {
    const server = new RedisServer(mkdtempSync(join(tmpdir(), 'sess2redis-redis-')), options);
    server.#wrapper = wrapper;
    server.#ownsDirectory = true;
    await server.up();
    return server;
  }

  /** Whether the process runs. */
  get isUp(): boolean {
    return this.#process !== null;
  }

  get url(): string {
    return `unix://${this.socket}`;
  }

  /** The target, as the program takes it apart. */
  get endpoint(): Endpoint {
    return { kind: 'unix', address: this.socket, port: 0, tls: { isVerified: true } };
  }

  /** Runs commands on a connection of their own and gives their replies. */
  async run(...commands: string[][]): Promise<Reply[]> {
    const wire = await Wire.connect(this.endpoint);
    try {
      return await wire.request(Buffer.concat(commands.map(encodeCommand)), commands.length);
    } finally {
      wire.close();
    }
  }

  /** The values of keys as text, null where there is none. */
  async values(keys: readonly string[]): Promise<(string | null)[]> {
    const replies = await this.run(...keys.map((key) => ['GET', key]));
    return replies.map((reply) => (reply === null ? null : String(reply)));
  }

  /** Starts the process, again after `kill`; resolves when it takes connections. */
  async up(): Promise<void> {
    if (this.port === 0 && this.options.includes('free')) this.port = await freePort();
    const words = this.options.map((word) => (word === 'free' ? String(this.port) : word));
    const ports = words.includes('--port') ? [] : ['--port', '0'];
    const sockets = ['--unixsocket', this.socket, '--unixsocketperm', '777', '--bind', '127.0.0.1'];
    const line = [...this.#wrapper, program(), ...sockets, ...ports, '--save', '', '--dir', this.directory, ...words];
    const child = spawn(line[0] as string, line.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (data: Buffer) => {
        log = `${log}${data}`.slice(-4000);
        if (/ready to accept connections.*redis\.sock|ready to accept connections unix/i.test(log)) resolve();
      });
      child.on('exit', () => reject(new Error(`redis-server ended: ${log}`)));
    });
  }

  /** A connection for the test itself. */
  client(options: Login = {}): Redis {
    const client = new Redis({ path: this.socket, retryStrategy: () => null, ...options });
    client.on('error', () => {});
    this.#clients.push(client);
    return client;
  }

  /** Everything a database holds. */
  async contents(db = 0, options: Login = {}): Promise<Map<string, Held>> {
    const client = this.client({ db, ...options });
    const held = new Map<string, Held>();
    for (const key of await client.keys('*')) {
      if (key.includes(MARKER)) continue;
      const value = await client.getBuffer(key);
      if (value !== null) held.set(key, { value, expiryMs: Number(await client.call('PEXPIRETIME', key)) });
    }
    client.disconnect();
    return held;
  }

  /** Keys in all databases, but for markers. */
  async size(options: Login = {}): Promise<number> {
    const client = this.client(options);
    const keyspace = await client.info('keyspace');
    let keys = 0;
    for (const [, db, count] of keyspace.matchAll(/^db(\d+):keys=(\d+)/gm)) {
      await client.select(Number(db));
      keys += Number(count) - (await client.keys(`*${MARKER}*`)).length;
    }
    client.disconnect();
    return keys;
  }

  async flush(): Promise<void> {
    const client = this.client();
    await client.flushall();
    client.disconnect();
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    if (this.#ownsDirectory) rmSync(this.directory, { recursive: true, force: true });
  }

  /** Ends the process as a crash would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Makes the server silent, or lets it go on. */
  pause(isSilent: boolean): void {
    this.#process?.kill(isSilent ? 'SIGSTOP' : 'SIGCONT');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    for (const client of this.#clients.splice(0)) client.disconnect();
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

/** A loopback port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** `npm test` has made sure that one of them is there. */
function program(): string {
  for (const name of ['redis-server', 'valkey-server']) {
    for (const directory of (process.env.PATH ?? '').split(delimiter)) {
      if (existsSync(join(directory, name))) return join(directory, name);
    }
  }
  throw new Error('there is no redis-server on PATH');
}

/** Whether this build of the server speaks TLS: another one does not know the option. */
export function hasTls(): boolean {
  const { stdout, stderr } = spawnSync(program(), ['--port', '0', '--tls-port', '0', '--dir', '/nowhere/fake']);
  return !/bad directive/i.test(`${stdout}${stderr}`);
}
