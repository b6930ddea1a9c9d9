import { basename, dirname } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { EXIT, OperatorError } from '../errors.js';
import { META } from './keys.js';

/** One pass over the sources, as the ledger remembers it. */
export interface PassNote {
  command: string;
  startedMs: number;
  elapsedMs: number;
  /** Whether every file was looked at, and not only changed shards. */
  isFull: boolean;
  /** Whether it was the pass in the freeze. */
  isFinal?: boolean;
  listed: number;
  outcomes: Readonly<Record<string, number>>;
  deletes: Readonly<Record<string, number>>;
  exitCode: number;
}

/** The ledger's files: LevelDB with bytes as keys and values, opened once per thread. */
export type Store = ClassicLevel<Buffer, Buffer>;

// Small enough to stay in the processor's cache while keys come in no order: with 8 MiB a first pass takes a fifth
// longer.
const WRITE_BUFFER_BYTES = 4 * 2 ** 20;
const CACHE_BYTES = 16 * 2 ** 20;
// LevelDB maps the tables that it has open into memory: the smallest ones, and the fewest, that it allows are 64 MiB.
const TABLE_BYTES = 2 ** 20;
const MOST_OPEN_FILES = 74;

/**
 * Opens the files, creating them if need be; lanes open what the main thread has open.
 * @throws {OperatorError}
 */
export async function openStore(directory: string, mayCreate: boolean): Promise<Store> {
  const store: Store = new ClassicLevel(directory, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    createIfMissing: mayCreate,
    multithreading: true,
    compression: false,
    writeBufferSize: WRITE_BUFFER_BYTES,
    cacheSize: CACHE_BYTES,
    maxFileSize: TABLE_BYTES,
    maxOpenFiles: MOST_OPEN_FILES,
  });
  try {
    await store.open();
    return store;
  } catch (error) {
    throw ledgerError(directory, error);
  }
}

/**
 * Runs what reads or writes the store; its failures become sentences.
 * @throws {OperatorError}
 */
export async function guarded<T>(directory: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw ledgerError(directory, error);
  }
}

/** The sentence for a ledger that can't be opened, read or written. */
export function ledgerError(directory: string, error: unknown): Error {
  if (error instanceof OperatorError) return error;
  const chain: { code?: string; message: string }[] = [];
  for (let link = error as Error | undefined; link instanceof Error; link = link.cause as Error | undefined) {
    chain.push(link);
  }
  if (chain.length === 0) return error as Error;
  const codes = chain.map(({ code }) => code ?? '');
  const text = chain.at(-1)?.message ?? '';
  if (codes.includes('LEVEL_LOCKED')) {
    return new OperatorError(EXIT.stateInUse, `${directory} is in use by another run: wait for it, or stop it`);
  }
  if (/No space left|ENOSPC|File too large|Disk quota/.test(text)) {
    return new OperatorError(EXIT.temporary, `${directory}: the disk is full: make room, then run the same line again`);
  }
  // Of a process out of descriptors, a mount that is gone and a broken disk the system's own words are in the text.
  const isCorrupt = codes.includes('LEVEL_CORRUPTION') || /[Cc]orrupt|checksum|missing files|does not exist/.test(text);
  const isSystems = codes.includes('LEVEL_IO_ERROR') && !/Permission denied|EACCES|No such file/.test(text);
  if (/Read-only file system|EROFS|Input\/output error|\bEIO\b/.test(text) || (isSystems && !isCorrupt)) {
    const sentence = `${directory}: the disk is broken or read-only (${text.slice(0, 120)}): check it, then run the same line again`;
    return new OperatorError(EXIT.temporary, sentence);
  }
  if (/Permission denied|EACCES/.test(text)) {
    return new OperatorError(
      EXIT.permission,
      `${directory} cannot be written: check its owner, or name another by --state-dir`,
    );
  }
  if (isCorrupt || /CURRENT/.test(text)) {
    return damaged(directory, text);
  }
  if (!codes.some((code) => code.startsWith('LEVEL_'))) return error as Error;
  return new OperatorError(EXIT.stateInUse, `${directory} cannot be used (${text}): name another by --state-dir`, {
    cause: error,
  });
}

/**
 * What can be done about a ledger whose bytes are not what was written. Its secret and its seal lie beside it in the
 * state directory, and would make the next ledger a damaged one if they stayed.
 */
export function damaged(directory: string, detail: string): OperatorError {
  const stateDir = basename(directory) === 'ledger' ? dirname(directory) : directory;
  return new OperatorError(
    EXIT.stateInUse,
    `the ledger in ${directory} is damaged (${detail.slice(0, 120)}): move it away, with all else in ${stateDir}, and run again; what is in Redis is compared, not sent twice`,
  );
}

export function noLedger(stateDir: string): OperatorError {
  return new OperatorError(
    EXIT.usage,
    `there is no ledger below ${stateDir}: name the --state-dir of a migrate or sync`,
  );
}

/**
 * Raised when the bytes of the ledger change their meaning. Layout 2 had fewer meanings, and becomes 3 when it is
 * opened.
 */
export const LAYOUT_VERSION = 3;
const READABLE_LAYOUTS = [2, LAYOUT_VERSION];

export interface Header {
  layout: number;
  identity: LedgerIdentity;
}

/**
 * Returns null for a ledger that was never begun.
 * @throws {OperatorError}
 */
export async function readHeader(store: Store, directory: string): Promise<Header | null> {
  const bytes = await store.get(META.header);
  if (bytes === undefined) {
    for await (const _ of store.keys({ limit: 1 })) throw damaged(directory, 'its header is missing');
    return null;
  }
  const { layout, identity } = JSON.parse(bytes.toString()) as Header;
  if (!READABLE_LAYOUTS.includes(layout)) {
    throw new OperatorError(
      EXIT.stateInUse,
      `the ledger in ${directory} has layout ${layout}, this program knows ${LAYOUT_VERSION}: use the program that made it, or move the ledger away, with all else in its state directory, and run again`,
    );
  }
  return { layout, identity };
}

/** What a ledger belongs to, as names and values that an operator can compare. */
export type LedgerIdentity = Readonly<Record<string, string>>;

/** @throws {OperatorError} that says which part of the identity differs */
export function refuseForeign(directory: string, held: LedgerIdentity, wanted: LedgerIdentity): void {
  for (const name of new Set([...Object.keys(held), ...Object.keys(wanted)])) {
    if (held[name] === wanted[name]) continue;
    throw new OperatorError(
      EXIT.stateInUse,
      `the ledger in ${directory} is of another run, its ${name} is ${held[name] ?? 'not set'} and yours ${wanted[name] ?? 'not set'}: name another --state-dir`,
    );
  }
}
