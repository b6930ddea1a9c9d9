import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { KeyTemplate } from '../profiles/profile.js';
import { formatCount } from '../quantities.js';
import { describeEndpoint, type Endpoint, type Server } from '../target/endpoint.js';
import { mastersOf } from '../target/masters.js';
import type { Recipe } from './maker.js';
import { removeSessions } from './memory-half.js';
import type { Observer } from './observer.js';
import { PrivateServer } from './private-server.js';
import { quantumOf } from './server-state.js';
import type { ThreadSettings } from './task.js';

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

  /** @param key where keys go, other ones on a given server @throws {OperatorError} */
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

/** The server that takes the writes. @throws {OperatorError} with exit code 7 for several */
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
