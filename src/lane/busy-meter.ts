import { cpus } from 'node:os';

/** Share of all processors' time, 0 to 1, that was spent working since the last call. Waiting for a disk is not work. */
export type BusyMeter = (elapsedMs: number) => number;

/** Reads the whole machine's processors: Redis may run on it too, and needs its share. */
export function machineMeter(): BusyMeter {
  let last = workedMs();
  return (elapsedMs) => {
    const now = workedMs();
    const share = (now.total - last.total) / (elapsedMs * now.processors);
    last = now;
    return share;
  };
}

function workedMs(): { total: number; processors: number } {
  const processors = cpus();
  const total = processors.reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { total, processors: processors.length };
}
