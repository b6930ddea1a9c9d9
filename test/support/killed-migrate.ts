import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as setTimeoutAsync } from 'node:timers/promises';
import { expect } from 'vitest';
import { Cli, type Summary, total } from './cli.js';
import type { RedisServer } from './redis-server.js';

const KEYS_PER_READ = 1000;

/** Every key that outlives the horizon, with its value and its expiry to the millisecond, as one digest, and how many there are. */
async function stateOf(redis: RedisServer, horizonMs: number): Promise<{ keys: number; digest: string }> {
  const client = redis.client();
  const lines: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'COUNT', KEYS_PER_READ);
    cursor = next;
    const reads = client.pipeline();
    for (const key of keys) reads.getBuffer(key).call('PEXPIRETIME', key);
    const replies = (await reads.exec()) ?? [];
    for (const [i, key] of keys.entries()) {
      const [value, expiry] = [replies[2 * i]?.[1] as Buffer, replies[2 * i + 1]?.[1] as number];
      if (expiry > horizonMs) lines.push(`${key} ${createHash('sha1').update(value).digest('hex')} ${expiry}`);
    }
  } while (cursor !== '0');
  client.disconnect();
  const unique = [...new Set(lines)].sort();
  return { keys: unique.length, digest: createHash('sha1').update(unique.join('\n')).digest('hex') };
}

/** A store that is moved again and again, killed at some moment of each run. */
export class KilledMigrate {
  readonly cli: Cli;
  readonly store: string;
  /** Some sessions of a generated store end within the minutes that a test takes: they are not looked at. */
  readonly #horizonMs = Date.now() + 3_600_000;

  constructor(
    readonly workspace: string,
    readonly redis: RedisServer,
  ) {
    this.cli = new Cli(join(workspace, 'home'));
    this.store = join(workspace, 'generated');
  }

  /** A store of all versions, flat and hashed. Returns how long an uninterrupted run takes, and what it leaves. */
  async prepare(sessions: number): Promise<{ elapsedMs: number; wanted: { keys: number; digest: string } }> {
    expect((await this.cli.run(['generate', this.store, '--sessions', String(sessions)])).code).toBe(0);
    const startMs = performance.now();
    const summary = await this.#migrate(this.#newStateDir());
    expect(summary.exitCode).toBe(0);
    const elapsedMs = performance.now() - startMs;
    const wanted = await stateOf(this.redis, this.#horizonMs);
    expect(wanted.keys).toBeGreaterThan(0.9 * (summary.outcomes.written as number));
    return { elapsedMs, wanted };
  }

  async #killAtFirstKey(child: ChildProcess): Promise<void> {
    const client = this.redis.client();
    while (child.exitCode === null && (await client.dbsize()) === 0) await setTimeoutAsync(5);
    child.kill('SIGKILL');
    client.disconnect();
  }

  /** Kills a run after `ms`, or null: as soon as a key is there; lets `between` happen, resumes it, and expects the state of an uninterrupted run. */
  async killAfter(ms: number | null, wanted: object, between: () => Promise<void> = async () => {}): Promise<Summary> {
    await this.redis.flush();
    const stateDir = this.#newStateDir();
    const run = this.cli.start(this.#words(stateDir));
    const timer = ms === null ? undefined : setTimeout(() => run.child.kill('SIGKILL'), ms);
    if (ms === null) await this.#killAtFirstKey(run.child);
    await run.finished;
    clearTimeout(timer);
    await between();
    const summary = await this.#migrate(stateDir);
    expect(summary.exitCode).toBe(0);
    expect(total(summary.outcomes)).toBe(summary.listed);
    expect(await stateOf(this.redis, this.#horizonMs)).toEqual(wanted);
    rmSync(stateDir, { recursive: true });
    return summary;
  }

  async #migrate(stateDir: string): Promise<Summary> {
    return (await this.cli.run(this.#words(stateDir))).summary;
  }

  #words(stateDir: string): string[] {
    return ['migrate', this.store, '--to', this.redis.url, '--state-dir', stateDir, '--json'];
  }

  #newStateDir(): string {
    return mkdtempSync(join(this.workspace, 'state-'));
  }
}
