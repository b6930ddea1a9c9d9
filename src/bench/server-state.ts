import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, OperatorError } from '../errors.js';
import { describeEndpoint, type Endpoint } from '../redis/endpoint.js';
import { infoFields } from '../redis/info.js';
import { type Quantum, tableBytes } from '../redis/memory-model.js';
import { ErrorReply, type Reply } from '../redis/replies.js';
import { operatorErrorOf } from '../redis/trouble.js';
import { encodeCommand, Wire } from '../redis/wire.js';
import { counted } from '../units.js';

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

/**
 * One question on a connection of its own, which is gone before the next one.
 * @throws {OperatorError}
 */
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

/**
 * Refuses to fill a server that is not the benchmark's own, unless it takes the writes, and the database that is named
 * holds nothing or the operator said `--yes`.
 * @throws {OperatorError} with exit code 7 where it must not
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
      `${where} holds ${counted(present, 'key')}: name an empty server or database, leave --to out for a private ` +
        'server, or say --yes to load beside them',
    );
  }
}

/** What the operator should know of a server that has keys already, and that the benchmark fills nevertheless. */
export function serverWarningsOf(state: ServerState, endpoint: Endpoint): string[] {
  const others = [...state.keys].reduce((sum, [, keys]) => sum + keys, 0);
  if (others === 0) return [];
  return [
    `${describeEndpoint(endpoint)} holds ${counted(others, 'key')} of others: what they do meanwhile is in the figures, and ` +
      'the load is felt by them',
  ];
}

function refused(message: string): OperatorError {
  return new OperatorError(EXIT.refused, message);
}

/** What statfs says. */
export interface DiskState {
  bsize: number;
  blocks: number;
  bavail: number;
  /** 0 where the file system makes inodes as it needs them. */
  files: number;
  ffree: number;
}

/** Of the disk's size; and never more than so many bytes. */
const RESERVED_SHARE = 0.1;
const MOST_RESERVED_BYTES = 5 * 2 ** 30;
/** Tables that grow, and what the allocator loses between its classes, on top of what the model says. */
const MEMORY_MARGIN = 1.15;
/** Of a bound that the server has, or of memory that is free. */
const USABLE_SHARE = 0.85;

/** Bytes that the benchmark leaves free on a disk, whatever is wanted. */
export function diskReserve({ blocks, bsize }: DiskState): number {
  return Math.min(blocks * bsize * RESERVED_SHARE, MOST_RESERVED_BYTES);
}

/** How many more files of `bytesPerFile` a disk takes with its reserve kept, of inodes as well. */
export function filesThatFit(disk: DiskState, bytesPerFile: number): number {
  const byBytes = (disk.bavail * disk.bsize - diskReserve(disk)) / bytesPerFile;
  const byInodes = disk.files === 0 ? Number.POSITIVE_INFINITY : disk.ffree - disk.files * RESERVED_SHARE;
  return Math.max(0, Math.floor(Math.min(byBytes, byInodes)));
}

/**
 * Bytes that a server may still take.
 * @param freeBytes of this machine's memory, where the server is on it; else null
 */
export function memoryRoom(server: ServerState, freeBytes: number | null): number {
  const { maxmemory, usedMemory, systemMemory, rss } = server;
  return Math.min(
    maxmemory > 0 ? maxmemory * USABLE_SHARE - usedMemory : Number.POSITIVE_INFINITY,
    systemMemory > 0 ? systemMemory * USABLE_SHARE - rss : Number.POSITIVE_INFINITY,
    freeBytes === null ? Number.POSITIVE_INFINITY : freeBytes * USABLE_SHARE,
  );
}

/** Bytes to have room for when so many sessions of `sessionBytes` each are loaded beside `present` keys. */
export function memoryNeed(sessions: number, sessionBytes: number, present: number): number {
  const tables = tableBytes(present + sessions) - tableBytes(present);
  return (sessions * sessionBytes + 1.5 * tables) * MEMORY_MARGIN;
}
