/** The passes of a cutover over one store, each on a Redis of its own, with every count checked. */
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { fakeSession, jsonText } from './fake-session.mjs';
import { otherLoad } from './other-load.mjs';
import { startRedis } from './redis.mjs';
import { run } from './sess2redis.mjs';

const UNRECORDED = fileURLToPath(new URL('./unrecorded.mjs', import.meta.url));
/** One session in so many is saved between two passes. */
const CHANGED_STEP = 1000;
/** A shard is passed over if it did not change within two seconds of its listing. */
const SETTLED_MS = 2500;

/**
 * Names and results of the passes; the store is left as it was found, but for the inodes of what Odoo saved anew.
 * @param warm reads the store, so that the two passes that tell what the ledger costs find the same caches
 */
export async function measureCutover(store, temporary, cli, warm) {
  const { sessions, layout } = store;
  const half = Math.floor(sessions / 2);
  const changed = Math.ceil(sessions / CHANGED_STEP);
  const load = await otherLoad();
  const results = [];
  const note = (name, result, outcomes) => {
    if (!isDeepStrictEqual(result.summary.outcomes, outcomes)) {
      throw new Error(`${layout} ${name}: not ${JSON.stringify(outcomes)}: ${JSON.stringify(result.summary)}`);
    }
    results.push([name, { ...result, otherLoad: load }]);
  };
  if (layout === 'flat') {
    await warm();
    await onNewRedis(temporary, async (pass) => {
      note('unrecorded pass', alone(await pass(null)), { written: sessions });
    });
  }
  await warm();
  await sleep(SETTLED_MS);
  await onNewRedis(temporary, async (pass) => {
    const first = await pass('migrate');
    note('first pass', first, { written: sessions });
    note('recorded pass', alone(first), { written: sessions });
    saveAnew(store, Date.now() / 1000 - 5);
    const sync = await pass('sync');
    const { updated, ...rest } = sync.summary.outcomes;
    note('sync', sync, { updated: changed, ...rest });
  });
  saveAnew(store, null);
  if (layout === 'hashed') return results;
  await onNewRedis(temporary, async (pass) => {
    await pass('migrate', ['--limit', String(half)], 6);
    note('resume', await pass('migrate'), { written: sessions - half, unchanged: half });
  });
  return results;

  async function onNewRedis(directory, work) {
    const server = await startRedis(directory);
    const state = mkdtempSync(join(directory, 'state-'));
    const to = `unix://${server.socket}`;
    try {
      await work((command, more = [], code = 0) => {
        if (command === null) return run(UNRECORDED, [store.path, to], sessions, state);
        return run(cli, [command, store.path, '--to', to, '--json', ...more], sessions, state, code);
      });
    } finally {
      await server.stop();
      rmSync(state, { recursive: true, force: true });
    }
  }
}

/** The pass without start, pre-flight and end of the process. */
function alone(result) {
  return { ...result, seconds: result.summary.elapsedMs / 1000 };
}

/** Saves one session in so many as Odoo does, by a temporary file and a rename. @param mtimeSeconds null for the old one */
function saveAnew(store, mtimeSeconds) {
  for (let index = 0; index < store.sessions; index += CHANGED_STEP) {
    const session = fakeSession(index, store);
    const saved = mtimeSeconds ?? session.mtimeSeconds;
    const temporary = join(store.path, `tmp${index}.__wz_sess`);
    writeFileSync(temporary, jsonText(session));
    utimesSync(temporary, saved, saved);
    renameSync(temporary, join(store.path, session.name));
  }
}
