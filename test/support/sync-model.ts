import fc from 'fast-check';
import { expect } from 'vitest';
import { total } from './cli.js';
import { type CutoverShop, SESSION } from './cutover-shop.js';
import { hexSid, jsonText } from './store.js';

/** What happens to one of a few sessions, or to all of them. */
export type Step =
  | { kind: 'save' | 'log-out' | 'rotate' | 'odoo-writes' | 'odoo-is-between' | 'saved-without-change'; n: number }
  | { kind: 'pass' | 'final' | 'crash' | 'flush' };

const SESSIONS = 6;
/** Of those, so many are there at the start, */
const AT_FIRST = 3;
/** and as many others, to which nothing happens: with them, the first pass records enough at once to pack them. */
const CROWD = [100, 101, 102, 103, 104, 105, 106, 107];
const session = fc.nat(SESSIONS - 1);
const ON_ONE = ['save', 'log-out', 'rotate', 'odoo-writes', 'odoo-is-between', 'saved-without-change'] as const;

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom(...ON_ONE), n: session }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('pass' as const, 'final' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'flush' as const) }) },
  ),
  { minLength: 4, maxLength: 14 },
);

/** Does what happens to a shop, remembers what must be true of it, and checks that after every pass. */
export class SyncModel {
  readonly #texts = new Map<string, string>();
  /** Keys that Odoo wrote, with value and expiry as they must stay. */
  readonly #odoos = new Map<string, string>();
  #turn = 0;

  constructor(readonly shop: CutoverShop) {
    for (const n of [...Array(AT_FIRST).keys(), ...CROWD]) this.#save(hexSid(n), jsonText(1, 'shop', ', "turn": 0'));
  }

  /** A final pass was complete. */
  #isFinalDone = false;

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'pass':
        return this.#pass();
      case 'final':
        return this.#pass('--final');
      case 'crash':
        return this.#crash();
      case 'flush':
        this.#odoos.clear();
        await this.shop.redisCall('FLUSHALL');
        return;
      default:
        return this.#toOne(step.kind, hexSid(step.n));
    }
  }

  async #toOne(kind: (typeof ON_ONE)[number], sid: string): Promise<void> {
    const { shop } = this;
    const text = this.#texts.get(sid);
    switch (kind) {
      case 'save':
        return this.#save(sid, jsonText(1, 'shop', `, "turn": ${this.#turn++}`));
      case 'saved-without-change':
        return text === undefined ? undefined : this.#save(sid, text);
      case 'log-out':
        if (this.#texts.delete(sid)) shop.logOut(sid);
        return;
      case 'rotate':
        // Odoo 19: what is past its two minutes lets nobody in any more.
        if (text === undefined) return;
        shop.save(sid, jsonText(1, 'shop', ', "next_sid": "x", "deletion_time": 1700000000.5'), 5);
        this.#texts.set(sid, '');
        return;
      case 'odoo-writes':
      case 'odoo-is-between':
        await shop.redisCall('SET', SESSION + sid, text ?? jsonText(9, 'shop', `, "turn": ${this.#turn++}`));
        if (kind === 'odoo-writes') await shop.redisCall('EXPIRE', SESSION + sid, '604800');
        this.#odoos.set(SESSION + sid, await this.#held(SESSION + sid));
    }
  }

  #save(sid: string, text: string): void {
    // Ages differ, so that no two saves have the same end.
    this.shop.save(sid, text, 5 + (this.#turn++ % 50));
    this.#texts.set(sid, text);
  }

  async #pass(...words: string[]): Promise<void> {
    const before = await this.shop.contents();
    const summary = await this.shop.summary('sync', '--max-delete', '100%', ...words);
    // What Odoo writes after the final pass says that it runs on Redis: then nothing is written.
    if (this.#isFinalDone && this.#odoos.size > 0 && summary.exitCode === 7) {
      expect(await this.shop.contents()).toEqual(before);
      return;
    }
    expect(summary.exitCode).toBe(0);
    if (words.includes('--final')) this.#isFinalDone = true;
    expect(total(summary.outcomes)).toBe(summary.listed);
    await this.#expectOdoosUntouched();
    const contents = await this.shop.contents();
    for (const n of [...Array(SESSIONS).keys(), ...CROWD]) {
      const key = SESSION + hexSid(n);
      if (this.#odoos.has(key)) continue;
      const text = this.#texts.get(hexSid(n));
      const held = contents.get(key)?.value.toString();
      expect([n, held]).toEqual([n, text || undefined]);
    }
  }

  async #crash(): Promise<void> {
    const run = this.shop.cli.start(['sync', ...this.shop.words, '--max-delete', '100%']);
    const timer = setTimeout(() => run.child.kill('SIGKILL'), 200 + ((this.#turn++ * 137) % 900));
    await run.finished;
    clearTimeout(timer);
    await this.#expectOdoosUntouched();
  }

  async #expectOdoosUntouched(): Promise<void> {
    for (const [key, before] of this.#odoos) expect(await this.#held(key)).toBe(before);
  }

  async #held(key: string): Promise<string> {
    return `${await this.shop.redisCall('GET', key)} until ${await this.shop.redisCall('PEXPIRETIME', key)}`;
  }
}
