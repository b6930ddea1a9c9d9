import { readFileSync } from 'node:fs';

/** https://docs.kernel.org/accounting/psi.html; of the whole machine, also from within most containers. */
const FILE = '/proc/pressure/io';

/**
 * Tells which share of the time since the last call, 0 to 1, at least one process waited for a disk; null where the
 * kernel does not expose it.
 */
export function ioPressureMeter(now: () => number, file = FILE): () => number | null {
  let last = { waitedMs: waitedMs(file), atMs: now() };
  return () => {
    const current = { waitedMs: waitedMs(file), atMs: now() };
    if (last.waitedMs === null || current.waitedMs === null) return null;
    const share = (current.waitedMs - last.waitedMs) / Math.max(1, current.atMs - last.atMs);
    last = current;
    return share;
  };
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=1234`, in microseconds since the start. */
function waitedMs(file: string): number | null {
  try {
    const total = /^some .*total=(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1];
    return total === undefined ? null : Number(total) / 1000;
  } catch {
    return null;
  }
}
