/** Whether the machine is ours: a neighbour's load makes any of these numbers worthless, so it is taken and told. */
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 250;

/** The share of all CPUs, 0 to 1, that others use while the bench itself does nothing. Also lets the last run settle. */
export async function otherLoad() {
  const before = ticks();
  await sleep(LOOK_MS);
  const after = ticks();
  const total = after.total - before.total;
  return total === 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

function ticks() {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += Object.values(times).reduce((sum, part) => sum + part, 0);
  }
  return { idle, total };
}
