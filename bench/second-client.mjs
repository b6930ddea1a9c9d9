/**
 * What another client of the same Redis notices of a migrate. The audit between idle and migrate loads the CPUs but not
 * Redis: on a small machine the asking client waits for a core too, and that part is not Redis' doing.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { otherLoad } from './other-load.mjs';
import { startRedis } from './redis.mjs';
import { audit, migrate } from './sess2redis.mjs';
import { count, markdownTable, milliseconds } from './table.mjs';

const IDLE_MS = 5000;
const KEY = 'bench:second-client';

/** Quantiles in milliseconds for three situations, on a Redis of its own; the store should be warm. */
export async function measureLatency({ store, temporary, cli, passedOn }) {
  const server = await startRedis(temporary);
  const url = new URL('./second-client-thread.mjs', import.meta.url);
  const client = new Worker(url, { workerData: { socket: server.socket, key: KEY } });
  try {
    await once(client, 'message');
    const context = { store, server, temporary, otherKeys: 1 };
    const migration = migrate(cli, passedOn);
    const load = await otherLoad();
    const idle = await during(client, sleep(IDLE_MS));
    const auditing = await during(client, audit(cli).run(context));
    const migrating = await during(client, migration.run(context));
    // After the asking: the checks put questions of their own to Redis.
    migration.check(migrating.result, context);
    return { idle: idle.latency, audit: auditing.latency, migrate: migrating.latency, otherLoad: load };
  } finally {
    await client.terminate();
    await server.stop();
  }
}

async function during(client, work) {
  const answered = once(client, 'message'); // rejects if the thread fails
  client.postMessage('begin');
  const result = await Promise.race([work, answered]);
  client.postMessage('end');
  const [samples] = await answered;
  return { result, latency: quantiles(samples) };
}

function quantiles(samples) {
  const sorted = samples.sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return { questions: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) };
}

export function latencyTable({ idle, audit: cpu, migrate: load }, sessions) {
  const body = [
    ['nothing else', idle],
    ['sess2redis audit (CPU load, no Redis)', cpu],
    [`sess2redis migrate of ${count(sessions)}`, load],
  ].map(([name, { questions, p50, p99, max }]) => [name, questions, ...[p50, p99, max].map(milliseconds)]);
  return markdownTable(['meanwhile', 'questions', 'p50', 'p99', 'max'], body);
}
