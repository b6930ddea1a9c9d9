import { randomBytes } from 'node:crypto';
import { EXIT, OperatorError } from '../errors.js';
import { META } from './keys.js';
import { damaged, type Store } from './store.js';

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

/**
 * To be increased when bytes of the ledger change their meaning. Layout 3 only added to 2: a ledger of layout 2 is
 * marked as 3 when it is opened.
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
export async function readHeader(store: Store): Promise<Header | null> {
  const bytes = await store.get(META.header);
  if (bytes === undefined) {
    if ((await store.keys({ limit: 1 })).length > 0) throw damaged(store.directory, 'its header is missing');
    return null;
  }
  const { layout, identity } = JSON.parse(bytes.toString()) as Header;
  if (!READABLE_LAYOUTS.includes(layout)) {
    throw new OperatorError(
      EXIT.stateInUse,
      `the ledger in ${store.directory} has layout ${layout}, this program knows ${LAYOUT_VERSION}: use the program that made it, or move the ledger away, with all else in its state directory, and run again`,
    );
  }
  return { layout, identity };
}

/** What a ledger belongs to, as names and values that an operator can compare. */
export type LedgerIdentity = Readonly<Record<string, string>>;

/**
 * Refuses a ledger whose identity is not that of this run.
 * @throws {OperatorError} that says which part of the identity differs
 */
export function refuseForeign(directory: string, held: LedgerIdentity, wanted: LedgerIdentity): void {
  for (const name of new Set([...Object.keys(held), ...Object.keys(wanted)])) {
    if (held[name] === wanted[name]) continue;
    const part = name === 'template' ? 'template with its options' : name;
    throw new OperatorError(
      EXIT.stateInUse,
      `the ledger in ${directory} is of another run, its ${part} is ${held[name] ?? 'not set'} and yours ${wanted[name] ?? 'not set'}: name another --state-dir`,
    );
  }
}

/**
 * What a ledger holds about its run, beside the records of sessions: numbers and facts, each under a key of its own.
 */
export class LedgerFacts {
  constructor(readonly store: Store) {}

  get directory(): string {
    return this.store.directory;
  }

  /**
   * The first of so many ordinals that no session has. Nobody else may be writing.
   * @throws {OperatorError}
   */
  async takeOrdinals(count: number): Promise<number> {
    const first = await this.number(META.ordinals);
    await this.putNumber(META.ordinals, first + count);
    return first;
  }

  /** The number of the last pass; 0 before the first. */
  lastPass(): Promise<number> {
    return this.number(META.lastPass);
  }

  /** Makes sure that the next pass has a higher number than this one, which a marker in the target has already. */
  async skipPasses(pass: number): Promise<void> {
    if (pass > (await this.lastPass())) await this.putNumber(META.lastPass, pass);
  }

  /** What tells this ledger from any other, and is shown to the target. */
  async runId(): Promise<string> {
    const held = await this.fact<string>(META.run);
    if (held !== null) return held;
    const run = randomBytes(8).toString('hex');
    await this.keepFact(META.run, run);
    return run;
  }

  /** A value kept beside the records; null where there is none. */
  async fact<T>(key: Buffer): Promise<T | null> {
    const bytes = await this.store.get(key);
    return bytes === undefined ? null : (JSON.parse(bytes.toString()) as T);
  }

  async keepFact(key: Buffer, value: unknown): Promise<void> {
    await this.store.put(key, Buffer.from(JSON.stringify(value)), true);
  }

  protected async number(key: Buffer): Promise<number> {
    return (await this.store.get(key))?.readUInt32BE() ?? 0;
  }

  protected async putNumber(key: Buffer, value: number): Promise<void> {
    await this.store.put(key, encodedNumber(value), true);
  }
}

/** A number as it is kept. */
export function encodedNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
