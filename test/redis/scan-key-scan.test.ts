import { afterAll, beforeAll, expect, it } from 'vitest';
import { scanKeys } from '../../src/redis/scan.js';
import { RedisServer } from '../support/redis-server.js';

const SESSIONS = 5000;
let redis: RedisServer;

beforeAll(async () => {
  redis = await RedisServer.start();
  const keys = Array.from({ length: SESSIONS }, (_, n) => `session:${n}`);
  await redis.run(...keys.map((key) => ['SET', key, 'x']));
  await redis.run(['SET', 'other', 'x'], ['SET', 'a*b:1', 'x'], ['SET', 'axb:2', 'x'], ['SET', '[s]:1!', 'x']);
  await redis.run(['SET', 's:1!', 'x'], ['SET', '\\q:1', 'x'], ['SET', 'é:1', 'x'], ['SET', '^-]:1', 'x']);
});
afterAll(() => redis.stop());

async function scanned(before: string, after = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of scanKeys(redis.endpoint, before, after)) keys.push(...page);
  return keys;
}

it('finds each key of the pattern, in pages', async () => {
  const pages: string[][] = [];
  for await (const page of scanKeys(redis.endpoint, 'session:', '')) pages.push(page);
  expect(new Set(pages.flat()).size).toBe(SESSIONS);
  expect(pages.length).toBeGreaterThan(3);
  expect(Math.max(...pages.map((page) => page.length))).toBeLessThan(SESSIONS / 2);
});

it.each([
  ['a*b:', '', ['a*b:1']],
  ['[s]:', '!', ['[s]:1!']],
  ['s:', '!', ['s:1!']],
  ['\\q:', '', ['\\q:1']],
  ['é:', '', ['é:1']],
  ['^-]:', '', ['^-]:1']],
  ['none:', '', []],
])('takes the prefix %s and the suffix "%s" by the letter', async (before, after, keys) => {
  expect(await scanned(before, after)).toEqual(keys);
});

it('looks into the database of the endpoint', async () => {
  await redis.run(['SELECT', '3'], ['SET', 'session:in three', 'x']);
  const keys: string[] = [];
  for await (const page of scanKeys({ ...redis.endpoint, databaseIndex: 3 }, 'session:', '')) keys.push(...page);
  expect(keys).toEqual(['session:in three']);
});

it('lets go of its connection when it is left early', async () => {
  for await (const page of scanKeys(redis.endpoint, 'session:', '')) if (page.length > 0) break;
  const [clients] = await redis.run(['CLIENT', 'LIST']);
  expect(
    String(clients)
      .trim()
      .split('\n')
      .filter((line) => line.includes('cmd=scan')),
  ).toEqual([]);
});
