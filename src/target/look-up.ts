import { encodeCommand, Wire } from './wire.js';
import type { Endpoint } from './endpoint.js';
import { ErrorReply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';

export interface HeldValue {
  value: Buffer;
  /** Milliseconds left; -1 for a key without an expiry. */
  ttlMs: number;
}

/** What the target holds at `key`, or null. @throws {OperatorError} */
export async function lookUp(endpoint: Endpoint, key: string): Promise<HeldValue | null> {
  const wire = await Wire.connect(endpoint);
  try {
    const commands = Buffer.concat([encodeCommand(['GET', key]), encodeCommand(['PTTL', key])]);
    const [value, ttlMs] = await wire.request(commands, 2);
    if (value instanceof ErrorReply) throw operatorErrorOf(value.text);
    return value instanceof Buffer ? { value, ttlMs: Number(ttlMs) } : null;
  } finally {
    wire.close();
  }
}
