import { connectControl } from './control.js';
import type { Endpoint, Server } from './endpoint.js';
import { mastersOf } from './masters.js';
import { ErrorReply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';
import { Scan } from './scan.js';

/** Slots that one SCAN looks at: Redis serves other clients between two calls, and a thousand take it well below 1 ms. */
const SCAN_COUNT = 1000;

/**
 * Yields all keys that begin with `before` and end with `after`, some hundred at a time, and holds no more. A key that is
 * there all the while is among them at least once, and twice where Redis resizes its table meanwhile (SCAN's guarantees).
 *
 * @throws {OperatorError}
 */
export async function* scanKeys(endpoint: Endpoint, before: string, after: string): AsyncGenerator<string[]> {
  for (const server of await mastersOf(endpoint)) yield* scanServer(server, before, after);
}

async function* scanServer(server: Server, before: string, after: string): AsyncGenerator<string[]> {
  const client = await connectControl(server);
  const scan = new Scan(client, SCAN_COUNT, `${escapeGlob(before)}*${escapeGlob(after)}`);
  try {
    while (!scan.isDone) {
      const keys = await scan.next();
      if (keys instanceof ErrorReply) throw operatorErrorOf(keys.text, 'SCAN');
      yield keys.map(String);
    }
  } finally {
    client.disconnect();
  }
}

/** Takes the meaning from what Redis would read as a pattern (redis/src/util.c, stringmatchlen). */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, '\\$&');
}
