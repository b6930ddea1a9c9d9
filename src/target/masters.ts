import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { readSlots } from './cluster-slots.js';
import { describeEndpoint, type Endpoint, type Server } from './endpoint.js';
import { findMaster } from './sentinel.js';

/**
 * The servers that take writes: the one that is named, the master that the sentinels name, or all masters of the cluster.
 * @throws {OperatorError} in one sentence, within the time for connecting
 */
export async function mastersOf(endpoint: Endpoint): Promise<Server[]> {
  const { discovery } = endpoint;
  if (discovery === undefined) return [endpoint];
  if (discovery.by === 'sentinel') return [await findMaster(endpoint)];
  const table = await readSlots(endpoint, discovery.hosts);
  if (table.gaps !== '') {
    const where = describeEndpoint(endpoint);
    const sentence = `${where} has no server for the slots ${table.gaps}: assign them (redis-cli --cluster fix), then run again`;
    throw new OperatorError(EXIT.refused, sentence);
  }
  return table.masters;
}
