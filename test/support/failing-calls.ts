import fs, { type Dir } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { expect, vi } from 'vitest';
import { EXIT, OperatorError } from '../../src/errors.js';
import { explained } from '../../src/system/errno.js';
import { SYSTEM_ERRORS, systemError } from './system-errors.js';

/** Calls of Node on a path or an open file. */
const CALLS = [
  ...['openSync', 'closeSync', 'readSync', 'writeSync', 'readFileSync', 'writeFileSync', 'fstatSync', 'fsyncSync'],
  ...['fchmodSync', 'fchownSync', 'futimesSync', 'statSync', 'lstatSync', 'realpathSync', 'readlinkSync', 'mkdirSync'],
  ...['mkdtempSync', 'chmodSync', 'rmSync', 'unlinkSync', 'linkSync', 'renameSync', 'readdirSync', 'opendirSync'],
  'Dir.readSync',
] as const;
type Call = (typeof CALLS)[number];

/** Fails the system's calls on paths below a directory, and on files that were opened there. */
export class FailingCalls {
  readonly #spies: { mockRestore: () => void }[] = [];
  readonly #open = new Set<number>();
  readonly #made = new Map<Call, number>();
  #fails: { call: Call; error: string; nth: number } | null = null;

  constructor(readonly root: string) {
    for (const call of CALLS) {
      if (call === 'Dir.readSync') continue;
      const real = fs[call as 'statSync'] as (...all: unknown[]) => unknown;
      const made = (...all: unknown[]) => {
        const isOurs = this.#isOurs(all[0]);
        // What is open is closed all the same, as Linux does it.
        if (call === 'closeSync') {
          this.#open.delete(all[0] as number);
          real(...all);
        }
        if (isOurs) this.#make(call, all[0]);
        if (call === 'closeSync') return undefined;
        const result = real(...all);
        if (isOurs && call === 'openSync') this.#open.add(result as number);
        return isOurs && call === 'opendirSync' ? this.#watched(result as Dir) : result;
      };
      this.#spies.push(vi.spyOn(fs, call as 'statSync').mockImplementation(made as never));
    }
    syncBuiltinESMExports();
  }

  restore(): void {
    for (const spy of this.#spies) spy.mockRestore();
    syncBuiltinESMExports();
  }

  /**
   * Does `work` once as it is, and then once for each call that it made, each error and each time that the call comes, up
   * to `most`: whatever comes out of it is a sentence with an exit code of its own. @returns how many failures were tried
   */
  async storm(work: () => Promise<void> | void, most: number): Promise<number> {
    this.#made.clear();
    await work();
    const made = [...this.#made];
    let failures = 0;
    for (const [call, times] of made) {
      for (const error of SYSTEM_ERRORS) {
        for (let nth = 1; nth <= Math.min(times, most); nth++) {
          this.#made.clear();
          this.#fails = { call, error, nth };
          await expectSentence(work, `${call} ${error} ${nth}`);
          this.#fails = null;
          failures++;
        }
      }
    }
    return failures;
  }

  #isOurs(first: unknown): boolean {
    return typeof first === 'number' ? this.#open.has(first) : String(first).startsWith(this.root);
  }

  #make(call: Call, first: unknown): void {
    const times = (this.#made.get(call) ?? 0) + 1;
    this.#made.set(call, times);
    // It fails from then on: a disk that is broken stays so.
    if (this.#fails?.call === call && times >= this.#fails.nth)
      throw systemError(this.#fails.error, call.replace('Sync', ''), typeof first === 'string' ? first : undefined);
  }

  #watched(directory: Dir): Dir {
    const read = directory.readSync.bind(directory);
    directory.readSync = () => {
      this.#make('Dir.readSync', directory.path);
      return read();
    };
    return directory;
  }
}

async function expectSentence(work: () => Promise<void> | void, what: string): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    const error = explained(thrown);
    expect(error, what).toBeInstanceOf(OperatorError);
    expect((error as OperatorError).exitCode, what).not.toBe(EXIT.unexpected);
    expect((error as OperatorError).message, what).not.toMatch(/\(\)|undefined|Unknown system error/);
  }
}
