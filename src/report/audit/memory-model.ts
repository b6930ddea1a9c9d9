import { bytesOfClass } from '../../lane/size-classes.js';
import type { Statistics } from '../../lane/statistics.js';
import { sessionBytes, tableBytes } from '../../plan/memory-model.js';
import type { SidKind } from '../../session.js';

const SID_LENGTHS: Readonly<Record<SidKind, number>> = { hex40: 40, urlsafe84: 84, urlsafe86: 86 };

/**
 * Memory that the sessions that move will take in a Redis of their own, by the model. @param keyOverhead characters of a key
 * beside the sid
 */
export function modelledBytes(statistics: Statistics, keyOverhead: number): number {
  let sessions = 0;
  let bytes = 0;
  // Key and value are separate allocations, so that each may be summed up for itself.
  const bare = sessionBytes(0, 0);
  for (const { moving, sids } of statistics.census.cells) {
    sessions += moving;
    bytes += moving * (sessionBytes(SID_LENGTHS[sids] + keyOverhead, 0) - bare);
  }
  statistics.valueSizes.forEach((count, sizeClass) => {
    if (count > 0) bytes += count * sessionBytes(0, middleOf(sizeClass));
  });
  return Math.round(bytes + tableBytes(sessions));
}

/** Values of a class are spread over it. */
function middleOf(sizeClass: number): number {
  const below = sizeClass === 0 ? 0 : bytesOfClass(sizeClass - 1);
  return (bytesOfClass(sizeClass) + below) / 2;
}
