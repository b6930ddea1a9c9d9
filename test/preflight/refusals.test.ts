import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detect } from '../../src/detect/detect.js';
import { EXIT } from '../../src/errors.js';
import { type Inspection, inspectServer } from '../../src/preflight/inspect-server.js';
import type { Work } from '../../src/preflight/rights.js';
import { Links } from '../../src/redis/connections.js';
import { connectControl, replyOf } from '../../src/redis/control.js';
import { LoadProbe } from '../../src/redis/load-probe.js';
import { KeyReader } from '../../src/redis/reader.js';
import { RedisServer } from '../support/redis-server.js';
import { REFUSALS, RefusingBox } from '../support/refusing-box.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

const KEY = { before: 'session:', after: '' };
const WORKS: Work[] = ['migrate', 'sync', 'verify', 'export', 'detect'];

const boxOf = (rule?: (words: readonly string[]) => string | null) =>
  RefusingBox.forTest({ path: redis.endpoint.address }, rule);

async function inspect(box: RefusingBox, work: Work, mayBeBlind = false): Promise<Inspection> {
  const client = await connectControl(box.endpoint);
  try {
    return await inspectServer(client, box.endpoint, { work, key: KEY, isClusterNode: false, mayBeBlind });
  } finally {
    client.disconnect();
  }
}

/** What each work can't do without, what migrate warns of; everything else makes no difference to any. */
const NEEDED: Readonly<Record<string, readonly Work[]>> = {
  INFO: ['migrate', 'sync'],
  SET: ['migrate', 'sync'],
  GET: ['migrate', 'sync', 'verify', 'export'],
  EVALSHA: ['sync'],
  EVAL: ['sync'],
  DEL: ['sync'],
  SCAN: ['verify', 'export', 'detect'],
};
const WARNED: Readonly<Record<string, readonly Work[]>> = {
  INFO: ['verify', 'export', 'detect'],
  GET: ['detect'],
  EVALSHA: ['migrate'],
  EVAL: ['migrate'],
  DEL: ['migrate'],
};
const COMMANDS = [...Object.keys(NEEDED), 'PEXPIRETIME', 'CONFIG', 'ROLE', 'CLIENT', 'PING', 'MEMORY', 'ACL', 'DBSIZE'];

describe('a server that refuses a command', () => {
  it.each(COMMANDS.flatMap((command) => Object.keys(REFUSALS).map((whose) => [command, whose] as const)))(
    '%s in the words of %s is taken at its word by all that need it, and by nobody else',
    async (command, whose) => {
      const box = await boxOf();
      box.refuse(command, REFUSALS[whose] as string);
      for (const work of WORKS) {
        const { refusal, warnings } = await inspect(box, work);
        if (NEEDED[command]?.includes(work)) {
          expect(refusal, work).toMatchObject({ exitCode: EXIT.permission });
          expect(refusal?.message, work).toMatch(new RegExp(`${work} needs (\\w+, )*${command.toLowerCase()}\\b`));
        } else expect(refusal, work).toBeNull();
        const warned = warnings.join();
        if (WARNED[command]?.includes(work)) expect(warned, work).toMatch(new RegExp(`may not run ${command}`, 'i'));
        else expect(warned, work).toBe('');
      }
    },
  );

  it('INFO is done without where the operator says so, and what can not be known is told', async () => {
    const box = await boxOf();
    box.refuse('INFO', REFUSALS.Envoy as string);
    const { refusal, warnings, facts } = await inspect(box, 'migrate', true);
    expect(refusal).toBeNull();
    expect(warnings).toEqual([
      expect.stringMatching(/may not run info, so the server's version, role and memory are not/),
    ]);
    expect(facts.version).toBe('unknown');
  });

  it('INFO is looked into in the database that is named', async () => {
    await redis.run(['SET', `session:${'b'.repeat(40)}`, '{"uid": 2, "db": "shop"}']);
    const box = await boxOf();
    box.refuse('INFO', REFUSALS.Codis as string);
    const found = await detect(box.endpoint, { maxKeys: 100, maxValues: 10, maxDatabases: 8 });
    expect(found).toMatchObject({ databases: [0], closed: [], lacks: [] });
    expect(found.looked).toBeGreaterThan(0);
    box.refuse('SCAN', REFUSALS.Codis as string);
    expect(await detect(box.endpoint, { maxKeys: 100, maxValues: 10, maxDatabases: 8 })).toMatchObject({
      lacks: ['scan'],
    });
  });

  it('PEXPIRETIME is read by what else it has', async () => {
    await redis.run(['SET', 'session:x', 'v', 'PXAT', '4102444800000']);
    const box = await boxOf();
    for (const text of Object.values(REFUSALS)) {
      box.refuse('PEXPIRETIME', text);
      const reader = new KeyReader(box.endpoint);
      const [held] = await reader.read(['session:x']);
      reader.close();
      expect(held?.value?.toString()).toBe('v');
      expect(Math.abs((held?.expiryMs ?? 0) - 4_102_444_800_000)).toBeLessThanOrEqual((held?.slackMs ?? 0) + 60_000);
    }
  });

  it.each(['INFO', 'PING', 'CLIENT', 'CONFIG'])('%s is watched as well as can be', async (command) => {
    const box = await boxOf();
    for (const text of Object.values(REFUSALS)) {
      box.refuse(command, text);
      const probe = new LoadProbe(box.endpoint);
      expect(await probe.look()).toHaveLength(1);
      expect(probe.isBlind).toBe(command === 'INFO');
      probe.close();
    }
  });

  it('SELECT is not said to lack the database', async () => {
    const box = await boxOf();
    for (const text of Object.values(REFUSALS)) {
      box.refuse('SELECT', text);
      const connected = connectControl({ ...box.endpoint, databaseIndex: 1 });
      await expect(connected).rejects.toMatchObject({ exitCode: EXIT.permission });
      await expect(connected).rejects.toThrow(/refuses SELECT .*database 1 can't be reached/);
    }
    box.refuse('SELECT', 'ERR SELECT is not allowed in cluster mode');
    await expect(connectControl({ ...box.endpoint, databaseIndex: 1 })).rejects.toMatchObject({
      exitCode: EXIT.refused,
    });
  });

  it('by hanging up is taken for a refusal, where it takes the next one', async () => {
    const box = await boxOf(([name]) => (name === 'EVALSHA' ? 'hang-up' : null));
    expect((await inspect(box, 'sync')).refusal).toMatchObject({ exitCode: EXIT.permission });
    expect((await inspect(box, 'migrate')).warnings.join()).toMatch(/may not run evalsha/);
  });

  it.each(COMMANDS)('%s by a link that is cut at it once is none', async (command) => {
    let cuts = 0;
    const box = await boxOf(([name]) => (name === command && cuts++ === 0 ? 'hang-up' : null));
    const inspected = await inspect(box, 'sync').catch((error) => error);
    if (inspected instanceof Error) expect(inspected).toMatchObject({ exitCode: EXIT.temporary });
    else expect(inspected).toMatchObject({ refusal: null, warnings: [] });
  });

  it('by hanging up at the first one is told from one that is away', async () => {
    const box = await boxOf(([name]) => (name === 'INFO' ? 'hang-up' : null));
    const inspected = inspect(box, 'migrate');
    await expect(inspected).rejects.toMatchObject({ exitCode: EXIT.permission });
    await expect(inspected).rejects.toThrow(/it hangs up at INFO without a word, and answers PING/);
  });

  it.each(['SELECT', 'INFO', 'ROLE'])('is not one whose link was cut once, at %s', async (command) => {
    let cuts = 0;
    const box = await boxOf(([name]) => (name === command && cuts++ === 0 ? 'hang-up' : null));
    const endpoint = { ...box.endpoint, databaseIndex: 1 };
    const questioned = connectControl(endpoint).then((client) => replyOf(client, [command]));
    await expect(questioned).rejects.toMatchObject({ exitCode: EXIT.temporary });
    cuts = 0;
    const linked = new Links(() => {}, false).to(endpoint);
    if (command === 'ROLE') await expect(linked).rejects.toMatchObject({ exitCode: EXIT.temporary });
    else await linked.catch((error) => expect(error).toMatchObject({ exitCode: EXIT.temporary }));
  });

  it('and turns away by the role that it says it has is tried', async () => {
    const info = (role: string) => `role:${role}\r\nmaster_host:m\r\nmaster_port:1\r\nredis_version:6.3.4\r\n`;
    const saying = (role: string) => `$${info(role).length}\r\n${info(role)}\r\n`;
    const box = await boxOf(([name]) => (name === 'INFO' ? saying('active-replica') : null));
    expect(await inspect(box, 'migrate')).toMatchObject({ refusal: null, warnings: [] });
    box.rule = ([name]) => (name === 'INFO' ? saying('slave') : null);
    const { refusal, warnings } = await inspect(box, 'migrate');
    expect(refusal).toBeNull();
    expect(warnings).toEqual([expect.stringContaining("as KeyDB's active-replica does")]);
    box.rule = ([name]) => (name === 'INFO' ? saying('slave') : name === 'SET' ? '-READONLY no\r\n' : null);
    expect((await inspect(box, 'migrate')).refusal?.message).toContain('is a read-only replica: name its master, m:1');
  });
});

describe('a server that goes on for ever', () => {
  it.each([
    ['*2\r\n$1\r\n7\r\n*0\r\n', 'SCAN does not come to an end'],
    ['*2\r\n$1\r\n0\r\n*1\r\n:5\r\n', 'its answer to SCAN is none that Redis gives'],
    ['*1\r\n$1\r\n0\r\n', 'none that Redis gives'],
    [':5\r\n', 'none that Redis gives'],
  ])('with its keys is left: %j', async (answer, sentence) => {
    await redis.run(['SET', `session:${'a'.repeat(40)}`, '{}']);
    const box = await boxOf(([name]) => (name === 'SCAN' ? answer : null));
    const found = detect(box.endpoint, { maxKeys: 100, maxValues: 10, maxDatabases: 1 });
    await expect(found).rejects.toMatchObject({ exitCode: EXIT.refused });
    await expect(found).rejects.toThrow(sentence);
  });
});
