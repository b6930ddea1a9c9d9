import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { type PreflightRequest, type PreflightResult, preflight } from '../../src/preflight/preflight.js';

import { optionsOfLine } from '../support/options.js';
import { RedisServer } from '../support/redis-server.js';
import { flat, hex40, jsonSession, policyOf, settingsOf } from '../support/samples.js';

import { temporaryDirectory } from '../support/temporary-directory.js';

const SESSIONS = 2000;
const store = `${temporaryDirectory()}/sessions`;
const value = jsonSession({ note: 'x'.repeat(1000) });

let redis: RedisServer;
beforeAll(async () => {
  mkdirSync(store);
  for (let i = 0; i < SESSIONS; i++) writeFileSync(`${store}/${flat(hex40(i))}`, value);
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());
beforeEach(() => redis.run(['CONFIG', 'RESETSTAT']));
afterEach(() =>
  redis.run(['CONFIG', 'SET', 'maxmemory', '0'], ['CONFIG', 'SET', 'maxmemory-policy', 'noeviction'], ['FLUSHALL']),
);

function look(chosen: Partial<PreflightRequest> = {}): Promise<PreflightResult> {
  return preflight({
    work: 'migrate',
    target: redis.endpoint,
    settings: settingsOf({ sources: [store] }),
    maxEntries: Number.POSITIVE_INFINITY,
    isDryRun: false,
    skipsCapacityCheck: false,
    acceptsEviction: false,
    reader: optionsOfLine({ to: 'redis://r', prefix: '' }).reader,
    ...chosen,
  });
}

const used = async () => Number(/used_memory:(\d+)/.exec(String((await redis.run(['INFO', 'memory']))[0]))?.[1]);
const calls = async (command: string) =>
  Number(
    new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(String((await redis.run(['INFO', 'commandstats']))[0]))?.[1] ??
      0,
  );
const leave = async (bytes: number) =>
  redis.run(['CONFIG', 'SET', 'maxmemory', String(Math.ceil((await used()) + bytes))]);

/** Sets the keys that a run would. */
async function load(count: number): Promise<void> {
  const commands = Array.from({ length: count }, (_, i) => ['SET', `session:${hex40(i)}`, value, 'PX', '600000']);
  await redis.run(...commands);
}

describe('pre-flight, beside a real server', () => {
  it('foresees within some percent what the load takes', async () => {
    const { capacity, refusal, warnings } = await look();
    expect({ refusal, warnings }).toEqual({ refusal: null, warnings: [] });
    expect(capacity).toMatchObject({ sessions: SESSIONS, certainty: 'about', isMeasured: true, fits: true });
    const before = await used();
    await load(SESSIONS);
    const truth = (await used()) - before;
    expect((capacity?.needBytes ?? 0) / truth).toBeGreaterThan(0.95);
    expect((capacity?.needBytes ?? 0) / truth).toBeLessThan(1.1);
  });

  it('leaves nothing behind', async () => {
    await look();
    expect(await redis.run(['DBSIZE'])).toEqual([0]);
  });

  it('refuses a load that does not fit, with the numbers, and takes it where it does', async () => {
    await leave(1_500_000);
    const { refusal } = await look();
    expect(refusal).toMatchObject({ exitCode: EXIT.refused });
    expect(refusal?.message).toMatch(/^the load does not fit: about 2,000 sessions need [23]\.\d\d MiB .* are free: /);
    await leave(30_000_000);
    expect((await look()).refusal).toBeNull();
  });

  it('is not asked for it when the operator says so', async () => {
    await leave(1_500_000);
    expect(await look({ skipsCapacityCheck: true })).toMatchObject({ refusal: null, capacity: null });
  });

  it('counts only what a run adds: not what is there, what does not move, what comes after its limit', async () => {
    await load(SESSIONS);
    expect((await look()).capacity).toMatchObject({ sessions: 0, fits: true });
    await redis.run(['FLUSHALL']);
    await load(SESSIONS / 2);
    const half = (await look()).capacity?.sessions ?? 0;
    expect(half).toBeGreaterThan(0.35 * SESSIONS);
    expect(half).toBeLessThan(0.65 * SESSIONS);
    await redis.run(['FLUSHALL']);
    const older = settingsOf({ sources: [store] }, { policy: policyOf({ maxAgeMs: 1 }) });
    expect((await look({ settings: older })).capacity).toMatchObject({ sessions: 0, needBytes: 0 });
    expect((await look({ maxEntries: 100 })).capacity).toMatchObject({ sessions: 100 });
    const part = settingsOf({ sources: [store], shard: { index: 0, of: 4 } });
    expect((await look({ settings: part })).capacity?.sessions).toBeLessThan(0.4 * SESSIONS);
  });

  it('writes nothing in a dry run, not even for a moment, and comes to the same verdict', async () => {
    const { capacity } = await look();
    // One weighs, one asks how expiries are kept.
    expect(await calls('exec')).toBe(2);
    await redis.run(['CONFIG', 'RESETSTAT']);
    const dry = await look({ isDryRun: true });
    expect(dry.capacity).toMatchObject({ isMeasured: false, fits: true });
    expect(dry.warnings).toEqual([expect.stringMatching(/keeps expiries is not measured: a dry run writes nothing$/)]);
    expect(await calls('exec')).toBe(0);
    expect((await redis.run(['INFO', 'persistence']))[0]?.toString()).toContain('rdb_changes_since_last_save:');
    expect((dry.capacity?.needBytes ?? 0) / (capacity?.needBytes ?? 1)).toBeCloseTo(1, 2);
  });

  it('spares a sync that finds its sessions there, but not one that would load them', async () => {
    const sync = () => look({ work: 'sync' });
    expect((await sync()).capacity).toMatchObject({ sessions: SESSIONS });
    await load(SESSIONS);
    await redis.run(['CONFIG', 'RESETSTAT']);
    expect(await sync()).toMatchObject({ refusal: null, warnings: [], capacity: null });
    expect(await calls('exec')).toBe(1);
    // A sample of the sessions, and one each for the rights to sessions and marker.
    expect(await calls('get')).toBe(66);
    await redis.run(['FLUSHALL']);
    await leave(1_500_000);
    expect((await sync()).refusal).toMatchObject({ exitCode: EXIT.refused });
  });

  it('weighs no canary where there is hardly room', async () => {
    await leave(8_000_000);
    await look();
    expect(await calls('exec')).toBe(1);
  });

  it('refuses a server that drops keys, unless the load surely fits or the operator accepts it', async () => {
    await redis.run(['CONFIG', 'SET', 'maxmemory-policy', 'volatile-ttl']);
    await leave(30_000_000);
    expect(await look()).toMatchObject({
      refusal: null,
      warnings: [expect.stringMatching(/volatile-ttl: this load fits/)],
    });
    expect((await look({ skipsCapacityCheck: true })).refusal).toMatchObject({ exitCode: EXIT.refused });
    const accepted = await look({ skipsCapacityCheck: true, acceptsEviction: true });
    expect(accepted).toMatchObject({
      refusal: null,
      warnings: [expect.stringMatching(/volatile-ttl.*--accept-eviction/)],
    });
  });

  it('warns of keys that Odoo seems to read instead, in this database or another', async () => {
    for (let i = 0; i < 20; i++) await redis.run(['SELECT', '4'], ['SET', `session::shop:${hex40(i)}`, jsonSession()]);
    expect((await look()).warnings).toEqual([
      expect.stringMatching(
        /database 4 holds some 20 sessions as session::shop:\{sid\} .*--prefix shop and database 4/,
      ),
    ]);
    await load(20);
    expect((await look()).warnings).toEqual([]);
  });

  it('is content with a user who may not look around', async () => {
    const rules = ['+set', '+get', '+info', '+evalsha', '+eval', '+del', '+pexpiretime', '~session:*'];
    await redis.run(['ACL', 'SETUSER', 'mover', 'reset', 'on', '>fake', ...rules]);
    const found = await look({ target: { ...redis.endpoint, username: 'mover', password: 'fake' } });
    const warnings = [
      expect.stringMatching(/^the clock of .* could not be compared with this one: grant \+time$/),
      expect.stringMatching(/may not run select, so the marker .*\+select$/),
    ];
    expect(found).toMatchObject({ refusal: null, warnings, capacity: { isMeasured: false, sessions: SESSIONS } });
  });
});
