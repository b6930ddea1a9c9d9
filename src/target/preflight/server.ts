import { OperatorError } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { describeEndpoint, describeHost, type Server } from '../endpoint.js';
import type { ServerFacts } from './server-facts.js';

/** `SET ... PXAT` came with 6.2 (https://redis.io/docs/latest/commands/set/, history). */
const OLDEST_VERSION = [6, 2] as const;

/** What is asked of a server: whether it is written to, and whether it was found as a node of a cluster. */
export interface Purpose {
  isWritten: boolean;
  isClusterNode: boolean;
}

/** Why this server is not fit, or null. A replica is as good as its master for whoever only reads. */
export function judgeServer(facts: ServerFacts, server: Server, purpose: Purpose): OperatorError | null {
  const where = describeEndpoint(server);
  const [major = 0, minor = 0] = facts.version.split('.').map(Number);
  const isOld = major < OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1]);
  if (purpose.isWritten && isOld) {
    return refused(`${where} is Redis ${facts.version}, and absolute expiries need 6.2 or later: upgrade it first`);
  }
  if (facts.isSentinel) return refused(`${where} is a sentinel: write sentinel://${describeHost(server)}/<master>`);
  if (facts.isCluster && !purpose.isClusterNode) {
    const host = server.kind === 'unix' ? `host:${facts.tcpPort}` : describeHost(server);
    return refused(`${where} is a node of a cluster: write cluster${server.kind === 'tls' ? 's' : ''}://${host}`);
  }
  if (facts.isLoading) {
    return new OperatorError(EXIT.temporary, `${where} is still loading its data: run again when it is done`);
  }
  return null;
}

/**
 * Why a replica is not written to, or the warning with which it is: KeyDB's `active-replica` passes on what it takes, where
 * a replica of Redis's that was made writable loses it. @param takesWrites whether it took a harmless write
 */
export function judgeReplica(facts: ServerFacts, server: Server, takesWrites: boolean): OperatorError | string | null {
  if (facts.role !== 'slave') return null;
  const where = describeEndpoint(server);
  if (!takesWrites) return refused(`${where} is a read-only replica: name its master, ${facts.master}`);
  return (
    `${where} is a replica of ${facts.master}, and takes writes: unless it passes them on, as KeyDB's active-replica does, they ` +
    'are gone with its next full synchronisation; name the master then'
  );
}

function refused(message: string): OperatorError {
  return new OperatorError(EXIT.refused, message);
}
