/** One measurement: a fresh Redis where one is needed, the timed run, then the checks that are not part of the time. */
import { dropCaches } from './cache.mjs';
import { otherLoad } from './other-load.mjs';
import { startRedis } from './redis.mjs';

export async function measure(contender, store, temporary) {
  const server = contender.needsRedis ? await startRedis(temporary) : undefined;
  try {
    const context = { store, server, temporary };
    const load = await otherLoad();
    const result = await contender.run(context);
    await contender.check?.(result, context);
    return { ...result, otherLoad: load };
  } finally {
    await server?.stop();
  }
}

/**
 * Cold is the store, not the programs: each one is loaded by a run on `tiny` first, since on the bounded cold store the
 * reading of Node from disk would weigh more than it does in a real migration.
 */
export async function measureCold(contender, store, tiny, temporary) {
  dropCaches();
  await measure(contender, tiny, temporary);
  return await measure(contender, store, temporary);
}

/** A B C A B C: what drifts during the bench (heat, neighbours on the host) meets all contenders alike. */
export async function interleaved(contenders, runs, take, say) {
  const taken = new Map(contenders.map(({ name }) => [name, []]));
  for (let run = 1; run <= runs; run++) {
    for (const contender of contenders) {
      const result = await take(contender);
      taken.get(contender.name).push(result);
      say(`  ${run}/${runs} ${contender.name}: ${result.seconds.toFixed(2)} s`);
    }
  }
  return taken;
}
