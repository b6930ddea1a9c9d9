import { randomInt } from 'node:crypto';
import { foreignText } from '../../fingerprint.js';
import { connectControl, replyOf } from '../control.js';
import type { Endpoint, Server } from '../endpoint.js';
import { goToMarkers, MARKER_WORD, markerDatabaseOf } from '../marker.js';
import { ErrorReply } from '../replies.js';
import { escapePattern, quotedPattern } from './rights.js';

/** Letters that no run's digits have, so that a probe never meets a marker. */
const PROBE_LETTERS = 'ghijklmnopqrstuvwxyz';

/** What a server lets the marker of a run do. */
export interface MarkerOutlook {
  warnings: string[];
  /** Where it will lie; null for the database of the sessions. */
  database: number | null;
  /** It can't be left, and `warnings` say so. */
  isRefused: boolean;
}

/**
 * Asks whether the user may leave a marker there and read it again, under a name of its length that nobody has: nothing is
 * written. @throws {OperatorError} where the server can't be asked
 */
export async function checkMarker(
  server: Server,
  target: Endpoint,
  key: { before: string; after: string },
): Promise<MarkerOutlook> {
  const letters = Array.from({ length: 8 }, () => PROBE_LETTERS[randomInt(PROBE_LETTERS.length)]).join('');
  const name = `${key.before}${MARKER_WORD}:${letters}${key.after}`;
  const client = await connectControl(server);
  try {
    const way = await goToMarkers(client, target);
    const replies = [await replyOf(client, ['SET', name, '', 'XX']), await replyOf(client, ['GET', name])];
    const whoami = await replyOf(client, ['ACL', 'WHOAMI']);
    const user = typeof whoami === 'string' ? foreignText(whoami, 60) : (server.username ?? 'default');
    const isRefused = replies.some((reply) => reply instanceof ErrorReply && reply.text.startsWith('NOPERM'));
    const pattern = quotedPattern(`${escapePattern(key.before)}${MARKER_WORD}:*${escapePattern(key.after)}`);
    const warnings: string[] = [];
    const select = way === 'denied' ? ' +select' : '';
    if (isRefused) {
      warnings.push(
        `the user ${user} may not write and read the marker of the run, so if the target loses data or goes back, that can't be ` +
          `told from logouts and the next pass may stop to ask: ACL SETUSER ${user}${select} ${pattern}`,
      );
    } else if (way === 'denied') {
      warnings.push(
        `the user ${user} may not run select, so the marker of the run lies among the sessions, where it is listed and counted with ` +
          `them, and not in database ${markerDatabaseOf(target)}: ACL SETUSER ${user} +select`,
      );
    }
    return { warnings, database: way === 'there' ? markerDatabaseOf(target) : null, isRefused };
  } finally {
    client.disconnect();
  }
}
