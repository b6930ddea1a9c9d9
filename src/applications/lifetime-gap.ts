import { formatDuration } from '../units.js';
import type { ReaderRules, StoreRules } from './application.js';

/** Lifetimes that differ by more than this factor are named before a run. */
const MOST_FACTOR = 2;

/**
 * A sentence where the reader will give sessions another life than their files have; empty where the two are near, or
 * one is not known. The copies get what the files say; the reader's own counts from a user's next request on.
 */
export function lifetimeGap({
  title,
  store,
  reader,
}: {
  title: string;
  store: Pick<StoreRules, 'lifetimeMs'>;
  reader: Pick<ReaderRules, 'lifetimeMs'>;
}): string {
  const factor = reader.lifetimeMs / store.lifetimeMs;
  if (Number.isNaN(factor) || (factor <= MOST_FACTOR && factor >= 1 / MOST_FACTOR)) return '';
  const effect = factor < 1 ? 'idle users are logged out sooner' : 'sessions stay in Redis longer';
  return `${title}: files live for ${formatDuration(store.lifetimeMs)}, and from the next request of a user on the reader gives ${formatDuration(reader.lifetimeMs)}, so ${effect} than before: set both alike if that is not meant`;
}
