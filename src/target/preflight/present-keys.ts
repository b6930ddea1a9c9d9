import type { ControlClient } from '../control.js';

/** Keys of a sample as one server sees them. */
export interface PresentKeys {
  /** Keys that this server answers for: all of them outside a cluster. */
  own: number;
  /** Those of them that exist. */
  present: number;
}

/** Looks which keys are there already: a run that is resumed needs no memory for them again. */
export async function countPresent(client: ControlClient, keys: readonly string[]): Promise<PresentKeys> {
  const found: PresentKeys = { own: 0, present: 0 };
  if (keys.length === 0) return found;
  const pipeline = client.pipeline();
  // GET and not EXISTS: every run may do it, and values are small.
  for (const key of keys) pipeline.getBuffer(key);
  for (const [error, value] of (await pipeline.exec()) ?? []) {
    if (error !== null && !error.message.startsWith('WRONGTYPE')) continue;
    found.own++;
    if (error !== null || value !== null) found.present++;
  }
  return found;
}
