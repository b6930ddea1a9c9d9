import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from '../../src/redis/endpoint.js';
import type { Reply } from '../../src/redis/replies.js';
import { encodeCommand, Wire } from '../../src/redis/wire.js';

/** A real Redis of the test's own: on a unix socket in a temporary directory, with nothing kept on disk. */
export class RedisServer {
  private constructor(
    readonly directory: string,
    readonly endpoint: Endpoint,
    readonly process: ChildProcess,
  ) {}

  static start(...options: string[]): Promise<RedisServer> {
    return RedisServer.startAs([], ...options);
  }

  /** @param wrapper words that are put before the program's name, to start it in a special way */
  static async startAs(wrapper: readonly string[], ...options: string[]): Promise<RedisServer> {
    const directory = mkdtempSync(join(tmpdir(), 'sess2redis-redis-'));
    const address = join(directory, 'redis.sock');
    const fixed = ['--port', '0', '--unixsocket', address, '--dir', directory, '--save', '', '--appendonly', 'no'];
    const [program = '', ...words] = [...wrapper, 'redis-server', ...fixed, ...options];
    const server = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    // Its own word that it is there: the socket's name exists before anyone listens on it.
    let said = '';
    server.stdout.setEncoding('utf8');
    while (!said.includes('ready to accept connections')) {
      const [output] = await Promise.race([once(server.stdout, 'data'), once(server, 'exit')]);
      if (typeof output !== 'string') throw new Error(`redis-server did not start: ${said}`);
      said += output;
    }
    server.stdout.resume();
    return new RedisServer(directory, { kind: 'unix', address, port: 0, tls: { isVerified: true } }, server);
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

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill();
    await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}
