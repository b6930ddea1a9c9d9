import { readFileSync } from 'node:fs';
import { type ControlClient, connectControl, replyOf } from './control.js';
import { describeEndpoint, type Endpoint, type Server } from './endpoint.js';
import { readLoad, replicaLimitOf, type ServerSample, unknownLoad } from './info.js';
import { ErrorReply } from './replies.js';
import { mastersOf } from './topology.js';

/** Nanoseconds on a processor, nanoseconds of waiting for one, time slices: Documentation/scheduler/sched-stats.rst. */
const FILE = '/proc/thread-self/schedstat';

/**
 * Milliseconds in which the calling thread has been at work or has waited for a processor so far: time that an answer
 * may have lain there for it. Always 0 where the kernel does not tell.
 */
export function ownTimeMs(file = FILE): number {
  try {
    const [worked = 0, waited = 0] = readFileSync(file, 'latin1').split(' ').map(Number);
    return (worked + waited) / 1e6;
  } catch {
    return 0;
  }
}

/** The middle one of so many round trips counts, so that one pause of this process's own does not. */
const ROUND_TRIPS = 3;

interface WatchedServer {
  name: string;
  client: ControlClient;
  replicaLimitBytes: number;
}

/**
 * Looks how the servers of a target are, on connections of its own. After a failure the next look connects anew, to
 * whatever servers the target has then.
 */
export class LoadProbe {
  #servers: readonly WatchedServer[] = [];
  /** Whether the last look found a server that keeps INFO to itself. */
  isBlind = false;

  constructor(readonly endpoint: Endpoint) {}

  /**
   * One sample of each server that takes writes.
   * @throws {OperatorError} when one can't be reached
   */
  async look(roundTrips = ROUND_TRIPS): Promise<ServerSample[]> {
    try {
      if (this.#servers.length === 0) this.#servers = await watchedServers(this.endpoint);
      this.isBlind = false;
      return await Promise.all(this.#servers.map((server) => this.#lookAt(server, roundTrips)));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    for (const { client } of this.#servers) client.disconnect();
    this.#servers = [];
  }

  async #lookAt({ name, client, replicaLimitBytes }: WatchedServer, roundTrips: number): Promise<ServerSample> {
    const times: number[] = [];
    for (let i = 0; i < roundTrips; i++) {
      // What is left after this thread's own time is the least that the server took: on a machine that is short of
      // processors the rest is ours (measured with 10 busy processes on 2 cores: median 2.3 ms, of which 0.3 ms).
      const askedMs = performance.now() - ownTimeMs();
      // A refusal takes as long as an answer, so a user without the right to PING serves as well.
      await replyOf(client, ['PING']);
      times.push(Math.max(0, performance.now() - ownTimeMs() - askedMs));
    }
    const roundTripMs = times.sort((a, b) => a - b)[times.length >> 1] as number;
    const info = await replyOf(client, ['INFO']);
    if (info instanceof ErrorReply || !String(info).includes('used_memory:')) {
      this.isBlind = true;
      return unknownLoad(name, roundTripMs);
    }
    return readLoad(name, String(info), roundTripMs, replicaLimitBytes);
  }
}

/**
 * A control connection to each server that takes writes.
 * @throws {OperatorError}
 */
async function watchedServers(endpoint: Endpoint): Promise<WatchedServer[]> {
  const watching = await Promise.allSettled((await mastersOf(endpoint)).map(watch));
  const watched = watching.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = watching.find((result) => result.status === 'rejected');
  if (failed === undefined) return watched;
  for (const { client } of watched) client.disconnect();
  throw failed.reason;
}

async function watch(server: Server): Promise<WatchedServer> {
  const client = await connectControl(server);
  try {
    // So that a server that drops clients for want of memory does not begin with the one that watches its memory.
    await replyOf(client, ['CLIENT', 'NO-EVICT', 'ON']);
    const limit = await replyOf(client, ['CONFIG', 'GET', 'client-output-buffer-limit']);
    const replicaLimitBytes = replicaLimitOf(Array.isArray(limit) ? String(limit[1]) : null);
    return { name: describeEndpoint(server), client, replicaLimitBytes };
  } catch (error) {
    client.disconnect();
    throw error;
  }
}
