import { accessSync, constants, mkdtempSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Endpoint } from '../target/endpoint.js';
import { encodeCommand, Wire } from '../target/wire.js';
import { CleanUpShell } from './keeper.js';

const PROGRAMS = ['redis-server', 'valkey-server'];
/** A socket's path ends here (unix(7): 108 bytes with the NUL). */
const LONGEST_SOCKET_PATH = 107;
const READY_WITHIN_MS = 10_000;

/**
 * A Redis of the benchmark's own: empty, on a unix socket in a directory that only its owner may enter, with nothing ever
 * saved. Gone with the benchmark, however that ends.
 */
export class PrivateServer {
  private constructor(
    readonly endpoint: Endpoint,
    readonly keeper: CleanUpShell,
  ) {}

  /**
   * @param path as PATH is @param temporary where its directory is made
   * @throws {OperatorError} where there is no server to start, or it does not start
   */
  static async start(path: string, temporary: string): Promise<PrivateServer> {
    const program = findProgram(path);
    if (program === null) {
      throw new OperatorError(
        EXIT.refused,
        `${PROGRAMS.join(' or ')} is not on PATH: install one, or name an empty server by --to`,
      );
    }
    const directory = mkdtempSync(join(temporary, 'sess2redis-bench-'));
    const address = join(directory, 'redis.sock');
    const place = ['--port', '0', '--unixsocket', address, '--unixsocketperm', '700', '--dir', directory];
    const keeper = new CleanUpShell(directory, [program, ...place, '--save', '', '--appendonly', 'no']);
    const server = new PrivateServer({ kind: 'unix', address, port: 0, tls: { isVerified: true } }, keeper);
    try {
      if (Buffer.byteLength(address) > LONGEST_SOCKET_PATH) {
        throw new OperatorError(EXIT.usage, `${temporary} is too long a path for a socket: set TMPDIR to a short one`);
      }
      await server.#ready(program);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  stop(): Promise<void> {
    return this.keeper.end();
  }

  async #ready(program: string): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await answers(this.endpoint))) {
      if (this.keeper.hasEnded || performance.now() > deadline) {
        const lines = this.keeper.output.trimEnd().split('\n');
        throw new OperatorError(EXIT.temporary, `${program} did not start: ${lines.at(-1) || 'it said nothing'}`);
      }
      await sleep(10);
    }
  }
}

async function answers(endpoint: Endpoint): Promise<boolean> {
  try {
    const wire = await Wire.connect(endpoint);
    const [reply] = await wire.request(encodeCommand(['PING']), 1).finally(() => wire.close());
    return reply === true;
  } catch {
    return false;
  }
}

function findProgram(path: string): string | null {
  for (const name of PROGRAMS) {
    for (const directory of path.split(delimiter)) {
      const program = join(directory, name);
      try {
        accessSync(program, constants.X_OK);
        return program;
      } catch {
        // Not in this directory.
      }
    }
  }
  return null;
}
