import type { Endpoint } from './endpoint.js';
import { askTarget } from './question.js';
import { ErrorReply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';

export interface StoredValue {
  value: Buffer;
  /** Absolute, epoch milliseconds; null for a key that never expires. */
  expiryMs: number | null;
}

/** What the target holds at `key`, or null. @throws {OperatorError} */
export async function lookUp(endpoint: Endpoint, key: string): Promise<StoredValue | null> {
  const questions = ['GET', 'PEXPIRETIME', 'PTTL'].map((command) => ({ key, words: [command, key] }));
  const [value, expiryMs, ttlMs] = await askTarget(endpoint, questions, true);
  if (value instanceof ErrorReply) throw operatorErrorOf(value.text, 'GET');
  if (!(value instanceof Buffer)) return null;
  // PEXPIRETIME came with Redis 7.0; before it, the rest of the key's life has to be added to the clock.
  if (typeof expiryMs === 'number') return { value, expiryMs: expiryMs < 0 ? null : expiryMs };
  return { value, expiryMs: typeof ttlMs === 'number' && ttlMs >= 0 ? Date.now() + ttlMs : null };
}
