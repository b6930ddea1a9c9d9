import { setTimeout as sleep } from 'node:timers/promises';
import type { Quantum } from '../plan/memory-model.js';
import type { Endpoint } from '../target/endpoint.js';
import { infoFields } from '../target/info-fields.js';
import { ErrorReply, type Reply } from '../target/replies.js';
import { operatorErrorOf } from '../target/reply-errors.js';
import { encodeCommand, Wire } from '../target/wire.js';

const REST_TRIES = 100;
const REST_INTERVAL_MS = 20;

/** What INFO says, as far as the benchmark cares. Sizes in bytes. */
export interface ServerState {
  version: string;
  allocator: string;
  isReplica: boolean;
  isClusterNode: boolean;
  isLoading: boolean;
  clients: number;
  usedMemory: number;
  rss: number;
  fragmentation: number;
  peak: number;
  /** 0 for no bound. */
  maxmemory: number;
  systemMemory: number;
  /** Keys per database, only those that hold any. */
  keys: ReadonlyMap<number, number>;
}

/** One question on a connection of its own, which is gone before the next one. @throws {OperatorError} */
export async function askOnce(endpoint: Endpoint, ...words: string[]): Promise<Reply> {
  const wire = await Wire.connect(endpoint);
  try {
    const [reply] = await wire.request(encodeCommand(words), 1);
    if (reply instanceof ErrorReply) throw operatorErrorOf(reply.text, words[0]);
    return reply as Reply;
  } finally {
    wire.close();
  }
}

export async function serverState(endpoint: Endpoint): Promise<ServerState> {
  return readState(String(await askOnce(endpoint, 'INFO')));
}

/** The state when at most `clients` connections are there: what they took has gone with them. */
export async function stateAtRest(endpoint: Endpoint, clients: number): Promise<ServerState> {
  let state = await serverState(endpoint);
  for (let tries = 0; state.clients > clients && tries < REST_TRIES; tries++) {
    await sleep(REST_INTERVAL_MS);
    state = await serverState(endpoint);
  }
  return state;
}

/** The step of the allocator's smallest classes; 16, the more careful guess, where the server does not say. */
export async function quantumOf(endpoint: Endpoint): Promise<Quantum> {
  const text = await askOnce(endpoint, 'MEMORY', 'MALLOC-STATS').catch(() => '');
  return /Quantum size: 8\b/.test(String(text)) ? 8 : 16;
}

export function readState(info: string): ServerState {
  const fields = infoFields(info);
  const text = (name: string) => fields.get(name) ?? '';
  const number = (name: string) => Number(fields.get(name) ?? 0);
  const keys = new Map<number, number>();
  for (const [name, value] of fields) {
    const database = /^db(\d+)$/.exec(name);
    if (database !== null) keys.set(Number(database[1]), Number(/keys=(\d+)/.exec(value)?.[1]));
  }
  return {
    version: text('redis_version'),
    allocator: text('mem_allocator'),
    isReplica: text('role') === 'slave',
    isClusterNode: text('cluster_enabled') === '1',
    isLoading: text('loading') === '1',
    clients: number('connected_clients'),
    usedMemory: number('used_memory'),
    rss: number('used_memory_rss'),
    fragmentation: number('mem_fragmentation_ratio'),
    peak: number('used_memory_peak'),
    maxmemory: number('maxmemory'),
    systemMemory: number('total_system_memory'),
    keys,
  };
}
