/**
 * Several servers in one session.save_path share the sessions among them in the client, by the id (phpredis/phpredis
 * redis_session.c, redis_pool_get_sock; martinrusev/django-redis-sessions redis_sessions/session.py).
 */

/** In which order the ranges of the weights are dealt: phpredis starts with the server that is named last. */
export const POOL_ORDERS = ['last first', 'first first'] as const;
export type PoolOrder = (typeof POOL_ORDERS)[number];

/** Bytes of the id that decide, as a little-endian number. */
const DECIDING_BYTES = 4;

/**
 * The server that has a session, by its index among `weights`; -1 for an id too short to tell. A server that is down is
 * not replaced by another.
 */
export function serverOf(sid: string, weights: readonly number[], order: PoolOrder): number {
  // A text of three bytes has its end for the fourth.
  if (sid.length < DECIDING_BYTES - 1) return -1;
  let place = 0;
  for (let i = DECIDING_BYTES - 1; i >= 0; i--) place = place * 256 + (i < sid.length ? sid.charCodeAt(i) : 0);
  let total = 0;
  for (const weight of weights) total += weight;
  if (total === 0) return -1;
  place %= total;
  for (let i = 0; i < weights.length; i++) {
    const index = order === 'last first' ? weights.length - 1 - i : i;
    place -= weights[index] as number;
    if (place < 0) return index;
  }
  return -1;
}
