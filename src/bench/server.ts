import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyTemplate } from '../applications/application.js';
import { EXIT, OperatorError } from '../errors.js';
import { describeEndpoint, type Endpoint, type Server } from '../redis/endpoint.js';
import { mastersOf } from '../redis/topology.js';
import { encodeCommand, Wire } from '../redis/wire.js';
import { formatCount } from '../units.js';
import type { Observer } from './findings.js';
import { removeSessions } from './memory.js';
import { quantumOf } from './server-state.js';
import type { Recipe } from './session-maker.js';
import type { ThreadSettings } from './task.js';

/**
 * $1 is a directory, the rest a server's command line or nothing. Whatever way the benchmark ends, also by SIGKILL, its
 * end of the pipe on our stdin closes; then the server is killed and the directory removed. A server that ended by
 * itself takes the directory with it, and whoever has its number then is not killed.
 */
const SCRIPT = `
trap '' INT TERM HUP
directory=$1
shift
exec 3<&0
if [ $# -gt 0 ]; then
  "$@" </dev/null 3<&- &
  server=$!
  { cat <&3; [ -d "$directory" ] && kill -9 $server; } >/dev/null 2>&1 &
  wait $server
else
  cat <&3 >/dev/null
fi
rm -rf -- "$directory"
`;
const MOST_OUTPUT = 2000;

/**
 * A small shell beside the benchmark that cleans up behind it: the one thing that is still there when the benchmark is
 * killed. In a session of its own, so that a Ctrl-C on the terminal is for the benchmark alone.
 */
export class CleanUpShell {
  /** The end of what the server printed. */
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /**
   * @param directory to be removed, with all that is in it
   * @param command a server to run, and to kill, before that
   */
  constructor(directory: string, command: readonly string[] = []) {
    this.#child = spawn('sh', ['-c', SCRIPT, 'sess2redis-bench', directory, ...command], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    this.#ended = once(this.#child, 'exit');
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.output = `${this.output}${data.toString('latin1')}`.slice(-MOST_OUTPUT);
    });
  }

  /** Whether the server has ended, or could not be started. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves when the server is gone and the directory removed. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }
}

const PROGRAMS = ['redis-server', 'valkey-server'];
/** A socket's path ends here (unix(7): 108 bytes with the NUL). */
const LONGEST_SOCKET_PATH = 107;
const READY_WITHIN_MS = 10_000;

/**
 * A Redis of the benchmark's own: empty, on a unix socket in a directory that only its owner may enter, with nothing
 * ever saved. Gone with the benchmark, however that ends.
 */
export class PrivateServer {
  private constructor(
    readonly endpoint: Endpoint,
    readonly keeper: CleanUpShell,
  ) {}

  /**
   * @param path as PATH is
   * @param temporary where its directory is made
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

const HOUR_MS = 3_600_000;
/** Nobody but the benchmark ends what is on a server of its own, and nothing dies while it is measured. */
const OWN_LIFETIME_MS = 14 * 24 * HOUR_MS;
/** How long keys stay on a given server if nobody is left to delete them. */
const GIVEN_LIFETIME_MS = HOUR_MS;

export interface BenchServerOptions {
  /** Null for a server of the benchmark's own. */
  target: Endpoint | null;
  recipe: Recipe;
  /** Where servers are looked for, and where one's directory is made. */
  path: string;
  temporary: string;
}

type Loading = ThreadSettings & { endpoint: Server };

/** A server that is filled for a while. Whoever opened it leaves it, and then it is as it was. */
export class BenchServer {
  /** Keys of this many sessions may be there. */
  held = 0;

  private constructor(
    readonly settings: Loading,
    readonly server: PrivateServer | null,
  ) {}

  /**
   * @param key where keys go, other ones on a given server
   * @throws {OperatorError}
   */
  static async open(options: BenchServerOptions, key: KeyTemplate): Promise<BenchServer> {
    const server = options.target === null ? await PrivateServer.start(options.path, options.temporary) : null;
    try {
      const endpoint = server === null ? await theMaster(options.target as Endpoint) : server.endpoint;
      const nowMs = Date.now();
      const lastExpiryMs = nowMs + (server === null ? GIVEN_LIFETIME_MS : OWN_LIFETIME_MS);
      const quantum = await quantumOf(endpoint);
      const { recipe } = options;
      return new BenchServer({ recipe, nowMs, endpoint, key, lastExpiryMs, quantum, directory: '' }, server);
    } catch (error) {
      await server?.stop();
      throw error;
    }
  }

  /** Stops a server of the benchmark's own, takes its keys off another. Never rejects: says what is left instead. */
  async leave({ tell, progress }: Pick<Observer, 'tell' | 'progress'>): Promise<void> {
    if (this.server !== null) {
      await this.server.stop();
      return;
    }
    if (this.held === 0) return;
    try {
      await removeSessions(this.settings, this.held, progress);
    } catch (error) {
      const { endpoint, key } = this.settings;
      const message =
        `up to ${formatCount(this.held)} keys ${key.before}... could not be deleted from ${describeEndpoint(endpoint)} ` +
        `(${(error as Error).message}): they expire within the hour`;
      tell({ type: 'warning', message });
    }
  }
}

/**
 * The server that takes the writes.
 * @throws {OperatorError} with exit code 7 for several
 */
async function theMaster(target: Endpoint): Promise<Server> {
  const [master, ...others] = await mastersOf(target);
  if (master === undefined || others.length > 0 || target.discovery?.by === 'cluster') {
    throw new OperatorError(
      EXIT.refused,
      `${describeEndpoint(target)} is a cluster, and memory is measured on one server: name a single one, or none for a private one`,
    );
  }
  return master;
}
