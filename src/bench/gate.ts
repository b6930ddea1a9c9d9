import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { formatCount } from '../quantities.js';
import { describeEndpoint, type Endpoint } from '../target/endpoint.js';
import type { ServerState } from './server-state.js';

/**
 * Whether a server that is not the benchmark's own may be filled for a while: it takes the writes, and the database that is
 * named holds nothing, unless the operator said yes. @throws {OperatorError} with exit code 7 where it must not
 */
export function refuseUnfit(state: ServerState, endpoint: Endpoint, isYes: boolean): void {
  const where = describeEndpoint(endpoint);
  const [major = 0, minor = 0] = state.version.split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 2)) {
    throw refused(`${where} is Redis ${state.version}, and absolute expiries need 6.2 or later`);
  }
  if (state.isReplica) throw refused(`${where} is a read-only replica: name a server that takes writes`);
  if (state.isClusterNode)
    throw refused(`${where} is part of a cluster: name a single server, or none for a private one`);
  if (state.isLoading) {
    throw new OperatorError(EXIT.temporary, `${where} is still loading its data: run again when it is done`);
  }
  const present = state.keys.get(endpoint.databaseIndex ?? 0) ?? 0;
  if (present > 0 && !isYes) {
    throw refused(
      `${where} holds ${formatCount(present)} keys: name an empty server or database, leave --to out for a private ` +
        'server, or say --yes to load beside them',
    );
  }
}

/** What the operator should know of a server that is filled all the same. */
export function serverWarningsOf(state: ServerState, endpoint: Endpoint): string[] {
  const others = [...state.keys].reduce((sum, [, keys]) => sum + keys, 0);
  if (others === 0) return [];
  return [
    `${describeEndpoint(endpoint)} holds ${formatCount(others)} keys of others: what they do meanwhile is in the figures, and ` +
      'the load is felt by them',
  ];
}

function refused(message: string): OperatorError {
  return new OperatorError(EXIT.refused, message);
}
