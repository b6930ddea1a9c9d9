import { describeEndpoint, type Server } from './endpoint.js';

/**
 * Notices when a place of the target, once filled by a server that had our sessions, is filled by another start of it or
 * by another server: what the first one acknowledged last may be missing there (redis.io, "Scale with Redis Cluster", on
 * consistency: replication is asynchronous, and so is the append-only file unless it is told otherwise).
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

  /** The places there are now: where one is gone that was lost, others have taken over. */
  remaining(places: readonly string[]): void {
    for (const [place, server] of this.#broken) {
      if (places.includes(place)) continue;
      this.#broken.delete(place);
      this.#runIds.delete(place);
      this.onReplaced(`another server has taken over from ${describeEndpoint(server)} meanwhile`);
    }
  }
}
