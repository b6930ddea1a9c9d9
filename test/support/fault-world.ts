import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { expect, onTestFinished } from 'vitest';
import { Cli, type CliOptions, type CliResult, type RunningCli } from './cli.js';
import type { Held } from './redis-server.js';
import { hexSid, jsonText, pickledLogin, SessionStore, urlsafeSid } from './store.js';

/** What Odoo wrote by itself, before the run, to every tenth key. */
const ODOO_WORD = '{"fake": "Odoo was here first"}';
const ODOO_SHARE = 10;
/** Sessions per second of a run that is to be caught in the middle. */
const CAUGHT_RATE = 150;
const OTHER_KEY = 'other:fake';

const isOdoos = (n: number) => n % ODOO_SHARE === 0;
const sidOf = (n: number) => (n % 2 === 0 ? hexSid(n) : urlsafeSid(n));
const keyOf = (n: number) => `session:${sidOf(n)}`;

/** A store of sessions on its way to a target on which something goes wrong, and what must hold in the end whatever it was. */
export class World {
  readonly cli: Cli;
  readonly store: SessionStore;
  readonly moving: number;
  readonly odoos: number;

  constructor(
    workspace: string,
    readonly sessions = 600,
    /** Makes sessions large, so that a batch of them takes its time. */
    padding = 0,
  ) {
    this.cli = new Cli(join(workspace, 'home'));
    this.store = new SessionStore(workspace);
    const more = `, "create_time": 1700000000.5, "pad": "${'x'.repeat(padding)}"`;
    for (let n = 0; n < sessions; n++) {
      if (n % 2 === 0 && padding === 0) this.store.flat(sidOf(n), pickledLogin(n + 1));
      else this.store.hashed(sidOf(n), jsonText(n + 1, 'shop', more));
    }
    this.odoos = Math.ceil(sessions / ODOO_SHARE);
    this.moving = sessions - this.odoos;
  }

  /** Starts a run that is slow enough to be caught, and resolves when the target holds this share of its sessions. */
  async caught(url: string, size: () => Promise<number>, more: string[] = [], share = 1 / 6): Promise<RunningCli> {
    const run = this.start(url, ['--rate', String(CAUGHT_RATE), ...more]);
    // Not asked more often than needed: each question is a new connection, and the servers have a run to serve.
    while ((await size()) <= this.odoos + this.sessions * share) {
      if (run.child.exitCode !== null) throw new Error(`the run ended: ${(await run.finished).stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return run;
  }

  /** Fills an empty target with what Odoo has there already. @param set runs a command on whoever has its key */
  async furnish(set: (key: string, ...words: string[]) => Promise<unknown>): Promise<void> {
    const expiry = String(Date.now() + 3_600_000);
    for (let n = 0; n < this.sessions; n += ODOO_SHARE) await set(keyOf(n), ODOO_WORD, 'PXAT', expiry);
    await set(OTHER_KEY, 'fake', 'PXAT', expiry);
  }

  /** Without the governor: on a busy machine it would find reasons of its own to wait. */
  words(url: string, ...more: string[]): string[] {
    return ['migrate', this.store.directory, '--to', url, '--json', '--throttle', 'off', ...more];
  }

  run(url: string, more: string[] = [], options: CliOptions = {}): Promise<CliResult> {
    return this.start(url, more, options).finished;
  }

  start(url: string, more: string[] = [], options: CliOptions = {}): RunningCli {
    const run = this.cli.start(this.words(url, ...more), options);
    onTestFinished(() => {
      run.child.kill('SIGKILL');
    });
    return run;
  }

  /** The run came to its end: its counts are what the target holds, and what is Odoo's is untouched. */
  expectComplete(result: CliResult, contents: Map<string, Held>): void {
    const { summary, stderr } = result;
    expect(summary, stderr).toMatchObject({ exitCode: 0, listed: this.sessions, unsettled: 0 });
    const { written = 0, same = 0, kept = 0, updated = 0, unchanged = 0 } = summary.outcomes;
    const moved = written + same + updated;
    expect(moved + kept + unchanged, stderr).toBe(this.sessions);
    // A run that goes on with another's work finds some of it recorded.
    if (unchanged === 0) expect([moved, kept], stderr).toEqual([this.moving, this.odoos]);
    this.expectUntouched(contents);
    expect(this.ours(contents)).toBe(this.moving);
  }

  /** The run ended early: it claims nothing that the target does not hold, and what is Odoo's is untouched. */
  expectHonest({ summary, stderr }: CliResult, contents: Map<string, Held>): void {
    const { written = 0, same = 0, updated = 0 } = summary.outcomes;
    const claimed = written + same + updated;
    const held = this.ours(contents);
    expect(held, stderr).toBeGreaterThanOrEqual(claimed);
    expect(held, stderr).toBeLessThanOrEqual(claimed + summary.unsettled);
    this.expectUntouched(contents);
  }

  expectUntouched(contents: Map<string, Held>): void {
    for (let n = 0; n < this.sessions; n += ODOO_SHARE) {
      expect(String(contents.get(keyOf(n))?.value), keyOf(n)).toBe(ODOO_WORD);
    }
    expect(String(contents.get(OTHER_KEY)?.value)).toBe('fake');
  }

  /** Sessions in the target that came from the store. */
  ours(contents: Map<string, Held>): number {
    let count = 0;
    for (let n = 0; n < this.sessions; n++) {
      if (!isOdoos(n) && contents.get(keyOf(n))?.value.includes('"shop"')) count++;
    }
    return count;
  }
}

/** How `furnish` sets a key on a single server. */
export function setter(client: Redis): (key: string, ...words: string[]) => Promise<unknown> {
  return (key, ...words) => client.call('SET', key, ...words);
}
