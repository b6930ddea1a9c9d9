import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunningCli } from './cli.js';
import { type CutoverShop, SESSION } from './cutover-shop.js';
import type { RedisServer } from './redis-server.js';
import { DAY_S, hexSid, jsonText } from './store.js';

/** What goes wrong. Whoever loses the ledger as well can't tell every copy of ours any more. */
export const FAULTS = ['restart', 'flush', 'evict', 'kill', 'state-lost', 'stopped'] as const;
export type Fault = (typeof FAULTS)[number];

/** Of these the run may say that it can't tell what they were: the operator then answers. */
const DOUBTFUL: readonly Fault[] = ['restart', 'flush', 'evict', 'state-lost'];
const USERS = 60;
/** Sessions a second of a run in which something goes wrong. */
const CAUGHT_RATE = '60';
const MOST_FINALS = 5;
const pauseFor = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Whole numbers below `bound`, the same for the same seed (mulberry32). */
export function chance(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** Users of an Odoo on files, the truth about each of them, and what befalls their way to Redis. */
export class LiveOdoo {
  /** Who is logged in, by the text of the session's file. */
  readonly #live = new Map<string, string>();
  readonly #ended = new Set<string>();
  readonly #faults: Fault[] = [];
  #next = 0;
  #turn = 0;

  constructor(
    readonly shop: CutoverShop,
    readonly redis: RedisServer,
    readonly random: (bound: number) => number,
    /** The server writes a snapshot now and then, to which it goes back. */
    readonly hasSnapshots: boolean,
  ) {
    for (let n = 0; n < USERS; n++) this.#logIn();
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** Some users do something, now and then. */
  work(times: number): void {
    for (let n = 0; n < times; n++) {
      const sid = this.#someone();
      const does = this.random(10);
      if (sid === null || does < 2) this.#logIn();
      else if (does < 7) this.#save(sid);
      else if (does < 9) this.#logOut(sid);
      else {
        // A rotation: the session goes on under another id (Odoo 16 to 18, http.py, FilesystemSessionStore.rotate).
        this.#logIn();
        this.#logOut(sid);
      }
    }
  }

  /** A pass to its end, with nothing wrong. */
  async pass(): Promise<void> {
    if (this.hasSnapshots && this.random(2) === 0) await this.shop.redisCall('SAVE');
    await this.shop.run(this.#command(), '--max-delete', '100%');
  }

  /** A pass during which, or between which and the next, something goes wrong. */
  async trouble(fault: Fault): Promise<void> {
    this.#faults.push(fault);
    if (this.random(3) === 0 && fault !== 'kill') {
      await this.#befall(fault, null);
      this.work(3);
      await this.pass();
      return;
    }
    const words = ['--json', '--max-delete', '100%', '--rate', CAUGHT_RATE, '--throttle', 'off'];
    const run = this.shop.cli.start([this.#command(), ...this.shop.words, ...words]);
    for (let moments = 2 + this.random(8); moments > 0; moments--) {
      this.work(this.random(3));
      await pauseFor(100);
    }
    await this.#befall(fault, run);
    this.work(2);
    await run.finished;
  }

  /** Odoo stands still. The final pass, as often as it asks for it, and by what it asks for. */
  async final(): Promise<void> {
    const more: string[] = [];
    for (let tries = 0; tries < MOST_FINALS; tries++) {
      const { code, stderr } = await this.shop.run('sync', '--final', ...more);
      if (code === 0) return;
      expect([5, 6, 7], stderr).toContain(code);
      if (code === 6) more.push('--max-delete', '100%');
      if (code !== 7) continue;
      expect(
        this.#faults.some((fault) => DOUBTFUL.includes(fault)),
        stderr,
      ).toBe(true);
      more.push('--repair');
    }
    throw new Error(`no complete final pass after ${this.#faults.join(', ')}`);
  }

  /** Compares the target with the truth, and verify with both. */
  async expectTruth(): Promise<void> {
    const contents = await this.shop.contents();
    for (const [sid, text] of this.#live) {
      const held = contents.get(SESSION + sid);
      expect(held?.value.toString(), `user ${sid.slice(0, 6)}`).toBe(text);
      const savedMs = Math.floor(statSync(join(this.shop.store, sid.slice(0, 2), sid)).mtimeMs);
      expect(held?.expiryMs, `expiry of ${sid.slice(0, 6)}`).toBe(savedMs + 7 * DAY_S * 1000);
    }
    const back = [...this.#ended].filter((sid) => contents.has(SESSION + sid));
    const { code, summary } = await this.shop.run('verify');
    // Without the ledger that knew them, copies of ended sessions can't be told from Odoo's own keys: they are told of.
    if (this.#faults.includes('state-lost') && back.length > 0) {
      expect(code).toBe(4);
      expect(summary.outcomes).toMatchObject({ extra: back.length });
      return;
    }
    expect(back, 'logged out, and in again').toEqual([]);
    expect(code, JSON.stringify(summary.outcomes)).toBe(0);
    expect(summary.outcomes).toEqual({ match: this.#live.size });
  }

  async #befall(fault: Fault, run: RunningCli | null): Promise<void> {
    switch (fault) {
      case 'restart':
        await this.redis.kill();
        return this.redis.up();
      case 'flush':
        await this.shop.redisCall('FLUSHALL');
        return;
      case 'evict': {
        const sid = this.#someone();
        if (sid !== null) await this.shop.redisCall('DEL', SESSION + sid);
        return;
      }
      case 'kill':
        run?.child.kill('SIGKILL');
        return;
      case 'state-lost':
        // Nobody takes it from under a run.
        await run?.finished;
        rmSync(this.shop.stateDir, { recursive: true, force: true });
        return;
      case 'stopped':
        this.redis.pause(true);
        await pauseFor(300);
        this.redis.pause(false);
    }
  }

  #command(): string {
    return this.random(2) === 0 ? 'sync' : 'migrate';
  }

  #someone(): string | null {
    const sids = [...this.#live.keys()];
    return sids[this.random(sids.length)] ?? null;
  }

  #logIn(): void {
    this.#save(hexSid(this.#next++));
  }

  #save(sid: string): void {
    const text = jsonText(1, 'shop', `, "turn": ${this.#turn++}`);
    this.shop.save(sid, text, 0);
    this.#live.set(sid, text);
  }

  #logOut(sid: string): void {
    this.shop.logOut(sid);
    this.#live.delete(sid);
    this.#ended.add(sid);
  }
}
