import { randomBytes } from 'node:crypto';
import type { KeyTemplate } from '../profiles/profile.js';

const MARK = 's2rb';
const LEAST_BYTES = 8;

/**
 * Where the benchmark's keys go on a server that is not its own: as long as the reader's keys, so that they take as much
 * memory, and unlike any of them. A reader's key that leaves less than eight bytes beside the sid gets longer.
 */
export function throwawayKey({ before, after }: KeyTemplate): KeyTemplate {
  const bytes = Math.max(LEAST_BYTES, Buffer.byteLength(before) + Buffer.byteLength(after));
  return {
    before:
      MARK +
      randomBytes(bytes)
        .toString('hex')
        .slice(0, bytes - MARK.length),
    after: '',
  };
}

/** A prefix for a migrate that is only measured. */
export function throwawayPrefix(): string {
  return `sess2redis-bench-${randomBytes(4).toString('hex')}`;
}
