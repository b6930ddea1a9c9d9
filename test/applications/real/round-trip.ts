import { mkdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { builtInTemplate } from '../../../src/applications/built-in.js';
import type { Cli, CliResult } from '../../support/cli.js';
import type { RedisServer } from '../../support/redis-server.js';
import type { RealSession, RealStore } from './real-application.js';

type Role = 'login' | 'anonymous' | 'old' | 'empty';

interface Journey {
  store: RealStore;
  /** Words for sess2redis: whose sessions they are. */
  app: string;
  words: readonly string[];
  keyOf: (id: string) => string;
  /** Whether files can be made of the values in Redis. */
  isInvertible?: boolean;
}

const MINUTE = 60_000;

/** When a session's copy should end: what the real writer said, or its lifetime after the file's time. */
function endOf({ ends, lifetime, file }: RealSession, directory: string): number {
  return ends ?? Math.floor(statSync(join(directory, file)).mtimeMs) + (lifetime as number) * 1000;
}

/**
 * Sessions that the real application made on files are moved; its real reader finds each with the same content and remaining
 * life; one is saved and one is logged out on files; and what was moved comes back to files that the real file store reads.
 */
export async function roundTrip(cli: Cli, redis: RedisServer, work: string, journey: Journey): Promise<void> {
  const { store, app, keyOf, isInvertible = true } = journey;
  const files = join(work, `${app}-${store.kind}`);
  mkdirSync(files, { mode: 0o700 });
  const written = store.write(files);
  const words = ['--app', app, ...journey.words, '--json'];
  const to = ['--to', redis.url];
  const client = redis.client();

  const { old, empty, ...others } = written as Record<Role, RealSession>;
  const all = Object.values(others);
  // Some time has passed since their last request.
  for (const { file, ends } of empty ? [...all, empty] : all) {
    const savedMs = Math.floor(Date.now() / 1000) * 1000 - 10 * MINUTE;
    if (ends === undefined) utimesSync(join(files, file), savedMs / 1000, savedMs / 1000);
  }
  const isEmpty = empty !== undefined && statSync(join(files, empty.file)).size === 0;
  if (empty !== undefined && !isEmpty) all.push(empty);
  const ids = all.map(({ id }) => id);
  const contents = Object.fromEntries(all.map(({ id, content }) => [id, content]));

  // An empty file may be one that is being written, for the first minute.
  const skipped = { expired: 1, ...(isEmpty && { empty: 1 }) };
  const outcomesOf = ({ summary: { outcomes } }: CliResult) => {
    const { torn = 0, empty = 0, ...rest } = outcomes;
    return { ...rest, ...(torn + empty > 0 && { empty: torn + empty }) };
  };
  const migrate = await cli.run(['migrate', files, ...words, ...to]);
  expect(migrate.errorLines).toEqual([]);
  expect(outcomesOf(migrate)).toEqual({ written: all.length, ...skipped });
  for (const session of all) {
    const endMs = await client.pexpiretime(keyOf(session.id));
    expect(endMs).toBe(endOf(session, files));
  }
  expect(store.ask('read-redis', redis.socket, [...ids, old.id])).toEqual({ ...contents, [old.id]: null });
  expect(outcomesOf(await cli.run(['verify', files, ...words, ...to]))).toEqual({
    match: all.length,
    ...skipped,
  });

  // One is saved and one logs out, on files.
  const { login, anonymous } = others;
  const saved = store.ask('save', files, [anonymous.id]);
  expect(saved[anonymous.id]).not.toEqual(anonymous.content);
  store.ask('logout', files, [login.id]);
  const sync = await cli.run(['sync', files, ...words, ...to, '--max-delete', '100%']);
  expect(sync.errorLines).toEqual([]);
  expect(sync.summary).toMatchObject({ outcomes: { updated: 1 }, deletes: { deleted: 1 } });
  const current = { ...contents, ...saved, [login.id]: null };
  expect(store.ask('read-redis', redis.socket, ids)).toEqual(current);

  const staying = all.filter(({ id }) => id !== login.id);
  const back = join(work, `${app}-${store.kind}-back`);
  const exported = await cli.run(['export', back, ...words, '--from', redis.url]);
  if (isInvertible) {
    expect(exported.errorLines).toEqual([]);
    const { [login.id]: _, ...stayed } = current;
    expect(store.ask('read-files', back, Object.keys(stayed))).toEqual(stayed);
    for (const session of staying) {
      const endMs = await client.pexpiretime(keyOf(session.id));
      // A file's time of Node is a fraction; the real writer of express sets its times anew at each request.
      expect(Math.abs(endOf(session, back) - endMs)).toBeLessThan(session.ends === undefined ? 2 : MINUTE);
    }
  } else expect([exported.code, exported.stderr]).toEqual([2, expect.stringContaining('export makes no files')]);

  // The switch: what the reader's first request does to the copy's life is what the template says.
  const [other] = staying.filter(({ id }) => id !== anonymous.id) as [RealSession];
  const before = await client.pexpiretime(keyOf(other.id));
  store.ask('request', redis.socket, [other.id]);
  const after = await client.pexpiretime(keyOf(other.id));
  if (builtInTemplate(app).reader.renewsOnRead) expect(after).toBeGreaterThan(before);
  else expect(after).toBe(before);
}
