import { readFileSync } from 'node:fs';

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
