import { randomBytes } from 'node:crypto';
import { META } from './keys.js';
import { guarded, type Store } from './store.js';

/**
 * What a ledger holds about its run, beside the records of sessions: numbers and facts, each under a key of its own.
 */
export class LedgerFacts {
  constructor(
    readonly store: Store,
    readonly directory: string,
  ) {}

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

  /** Goes on behind this pass. */
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
    const bytes = await guarded(this.directory, this.store.get(key));
    return bytes === undefined ? null : (JSON.parse(bytes.toString()) as T);
  }

  async keepFact(key: Buffer, value: unknown): Promise<void> {
    await guarded(this.directory, this.store.put(key, Buffer.from(JSON.stringify(value)), { sync: true }));
  }

  protected async number(key: Buffer): Promise<number> {
    return (await guarded(this.directory, this.store.get(key)))?.readUInt32BE() ?? 0;
  }

  protected async putNumber(key: Buffer, value: number): Promise<void> {
    await guarded(this.directory, this.store.put(key, encodedNumber(value), { sync: true }));
  }
}

/** A number as it is kept. */
export function encodedNumber(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
