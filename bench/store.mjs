/** Builds a store of N session files with all cores, or reuses one that an earlier run kept. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fakeSession } from './fake-session.mjs';

/** An older store gets new mtimes, or its oldest files would expire during the run. */
const STALE_AFTER_MS = 3 * 3_600_000;

/**
 * `path` is the session directory; a marker beside it says that it is complete and which stamps it was made with.
 * Without the marker the directory is the rest of an interrupted build and is made again.
 */
export async function prepareStore(directory, { sessions, format, layout = 'flat' }, say) {
  const path = join(directory, `sess2redis-bench-${sessions}-${format}-${layout}`);
  const markerPath = `${path}.marker`;
  if (existsSync(markerPath)) {
    const store = { path, sessions, format, layout, ...JSON.parse(readFileSync(markerPath, 'utf8')) };
    if (Date.now() - store.stampedAt < STALE_AFTER_MS) return store;
    say(`stamping ${sessions} files anew`);
    return await finish({ ...store, stampedAt: Date.now() }, 'stamp', markerPath, say);
  }
  say(`building a ${layout} store of ${sessions} ${format} sessions in ${path}`);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  const now = Date.now();
  return await finish({ path, sessions, format, layout, builtAt: now, stampedAt: now }, 'write', markerPath, say);
}

async function finish(store, task, markerPath, say) {
  rmSync(markerPath, { force: true });
  const started = performance.now();
  await Promise.all(Array.from({ length: availableParallelism() }, (_, i) => work(store, task, i)));
  // Written back now, or the disk is busy with our files during the first measurements.
  execFileSync('sync', ['-f', store.path]);
  writeFileSync(markerPath, JSON.stringify({ builtAt: store.builtAt, stampedAt: store.stampedAt }));
  say(`  done in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return store;
}

function work(store, task, first) {
  return new Promise((resolve, reject) => {
    const workerData = { store, task, first, step: availableParallelism() };
    const worker = new Worker(new URL('./store-writer.mjs', import.meta.url), { workerData });
    worker.once('error', reject);
    worker.once('exit', (code) => (code === 0 ? resolve() : reject(new Error('a store writer stopped early'))));
  });
}

/** `count` sessions spread evenly over the store. */
export function* sampleOf(store, count) {
  const step = Math.max(1, Math.floor(store.sessions / count));
  for (let index = 0; index < store.sessions; index += step) yield fakeSession(index, store);
}
