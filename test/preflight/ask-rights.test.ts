import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { type Inspection, inspectServer } from '../../src/preflight/inspect-server.js';
import type { Work } from '../../src/preflight/rights.js';
import { connectControl } from '../../src/redis/control.js';
import { RedisServer } from '../support/redis-server.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.run(['FLUSHALL'], ['SCRIPT', 'FLUSH'], ['CONFIG', 'RESETSTAT']);
});

const KEY = { before: 'session:', after: '' };

async function inspectAs(rules: string, work: Work, key = KEY): Promise<Inspection> {
  await redis.run(['ACL', 'SETUSER', 'mover', 'reset', 'on', '>fake', ...rules.split(' ')]);
  const endpoint = { ...redis.endpoint, username: 'mover', password: 'fake' };
  const client = await connectControl(endpoint);
  try {
    return await inspectServer(client, endpoint, { work, key, isClusterNode: false });
  } finally {
    client.disconnect();
  }
}

describe('a real user', () => {
  it.each<[Work, string]>([
    ['migrate', '+info +set +get ~session:*'],
    ['sync', '+info +set +get +del +evalsha +eval +pexpiretime ~session:*'],
    ['verify', '+info +get +pexpiretime +scan ~session:*'],
    ['export', '+info +get +pexpiretime +scan ~session:*'],
    ['migrate', '+@all ~*'],
    ['migrate', '+@all -@dangerous -@admin +info ~session:*'],
  ])('may %s with %s', async (work, rules) => {
    expect((await inspectAs(rules, work)).refusal).toBeNull();
  });

  it.each<[Work, string, string]>([
    ['migrate', '+@all -set ~*', 'needs set: ACL SETUSER mover +set'],
    ['migrate', '+@all ~other:*', 'ACL SETUSER mover ~session:*'],
    ['migrate', '+@all -info ~*', 'ACL SETUSER mover +info'],
    ['migrate', '-@all', 'ACL SETUSER mover +info +set +get +evalsha +eval +del +pexpiretime ~session:*'],
    ['sync', '+@all -evalsha ~*', 'needs evalsha: ACL SETUSER mover +evalsha'],
    ['sync', '+@all -del ~*', 'needs del: ACL SETUSER mover +del'],
    ['verify', '+@all -get ~*', 'needs get: ACL SETUSER mover +get'],
    ['export', '+@all -scan ~*', 'needs scan: ACL SETUSER mover +scan'],
    ['migrate', '+@all %R~session:*', 'needs set: ACL SETUSER mover ~session:*'],
  ])('may not %s with %s, and the line that is named makes it so', async (work, rules, line) => {
    const { refusal } = await inspectAs(rules, work);
    expect(refusal).toMatchObject({ exitCode: EXIT.permission, message: expect.stringContaining(line) });
    const granted = (/ACL SETUSER mover (.*)$/.exec(refusal?.message ?? '')?.[1] ?? '').split(' ');
    const mended = await inspectAs(`${rules} ${granted.join(' ')}`, work);
    expect(mended).toMatchObject({ refusal: null, warnings: [] });
  });

  it('is told what migrate loses without scripts, and no more', async () => {
    const { refusal, warnings } = await inspectAs('+@all -evalsha ~*', 'migrate');
    expect(refusal).toBeNull();
    expect(warnings).toEqual([expect.stringMatching(/may not run evalsha.*ACL SETUSER mover \+evalsha$/)]);
  });

  it('is granted the key pattern of its reader, special characters and all', async () => {
    const key = { before: "s[1]*'", after: '!' };
    const { refusal } = await inspectAs('+@all', 'migrate', key);
    const pattern = /mover "?(~.*?)"?$/.exec(refusal?.message ?? '')?.[1]?.replaceAll('\\\\', '\\') ?? '';
    expect((await inspectAs(`+@all ${pattern}`, 'migrate', key)).refusal).toBeNull();
    const [set, other] = await Promise.all(
      ["s[1]*'x!", 's1x!'].map(async (name) => (await redis.run(['ACL', 'DRYRUN', 'mover', 'GET', name]))[0]),
    );
    expect(set).toBe(true);
    expect(String(other)).toMatch(/no permissions/);
  });

  it('is asked by commands that leave nothing behind', async () => {
    await inspectAs('+@all ~*', 'sync');
    const [size, memory, stats] = await redis.run(['DBSIZE'], ['INFO', 'memory'], ['INFO', 'persistence']);
    expect(size).toBe(0);
    expect(String(memory)).toContain('number_of_cached_scripts:0');
    expect(String(stats)).toContain('rdb_changes_since_last_save:0');
  });
});
