/**
 * What another client of the same Redis notices of a migrate, without the governor and with it. The audit between idle
 * and migrate loads the CPUs but not Redis: on a small machine the asking client waits for a core too, and that part is
 * not Redis' doing.
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
const RATE = '20k';

/** Quantiles in milliseconds for each situation, each on a Redis of its own; the store should be warm. */
export async function measureLatency({ store, temporary, cli, passedOn }) {
  const context = { store, temporary, otherKeys: 1 };
  return {
    otherLoad: await otherLoad(),
    idle: await during({ run: () => sleep(IDLE_MS) }, context),
    audit: await during(audit(cli), context),
    ungoverned: await during(migrate(cli, [...passedOn, '--throttle', 'off']), context),
    governed: await during(migrate(cli, passedOn), context),
    // An option is given once, so a rate of the caller's own takes the place of this one.
    rated: passedOn.includes('--rate') ? null : await during(migrate(cli, [...passedOn, '--rate', RATE]), context),
  };
}

/** What the client saw while `work` ran, and how long that took and was held back. */
async function during(work, context) {
  const server = await startRedis(context.temporary);
  const url = new URL('./second-client-thread.mjs', import.meta.url);
  const client = new Worker(url, { workerData: { socket: server.socket, key: KEY } });
  try {
    await once(client, 'message');
    const answered = once(client, 'message'); // rejects if the thread fails
    client.postMessage('begin');
    const result = await Promise.race([work.run({ ...context, server }), answered]);
    client.postMessage('end');
    const [samples] = await answered;
    // After the asking: the checks put questions of their own to Redis.
    work.check?.(result, { ...context, server });
    return { ...quantiles(samples), seconds: result?.seconds, heldBackMs: result?.summary.throttle.reasons ?? {} };
  } finally {
    await client.terminate();
    await server.stop();
  }
}

function quantiles(samples) {
  const sorted = samples.sort((a, b) => a - b);
  const at = (part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
  return { questions: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) };
}

export function latencyTable({ idle, audit: cpu, ungoverned, governed, rated }, sessions) {
  const moved = `sess2redis migrate of ${count(sessions)}`;
  const rows = [
    ['nothing else', idle],
    ['sess2redis audit (CPU load, no Redis)', cpu],
    [`${moved}, --throttle off`, ungoverned],
    [`${moved}, governed`, governed],
    [`${moved}, governed, --rate ${RATE}`, rated],
  ];
  const body = rows
    .filter(([, row]) => row !== null)
    .map(([name, row]) => [
      name,
      row.questions,
      ...[row.p50, row.p99, row.max].map(milliseconds),
      took(row),
      held(row),
    ]);
  return markdownTable(['meanwhile', 'questions', 'p50', 'p99', 'max', 'took', 'held back'], body);
}

const took = ({ seconds }) => (seconds === undefined ? '-' : `${seconds.toFixed(1)} s`);

function held({ heldBackMs }) {
  const parts = Object.entries(heldBackMs).map(([cause, ms]) => `${cause} ${(ms / 1000).toFixed(1)} s`);
  return parts.join(', ') || '-';
}
