import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT, OperatorError } from '../../src/errors.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { checkMarker } from '../../src/preflight/preflight.js';
import type { Endpoint } from '../../src/redis/endpoint.js';
import { type Marker, markerNames, readMarkers, writeMarkers } from '../../src/redis/marker.js';
import { describeMarker, RunMarkers } from '../../src/sync/markers.js';
import { RedisServer } from '../support/redis-server.js';
import { RefusingBox } from '../support/refusing-box.js';
import { settingsOf } from '../support/samples.js';
import { ScriptedServer } from '../support/scripted-server.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { trusting } from '../support/trusting.js';

const KEY = { before: 'session:', after: '' };
const NAMES = markerNames(KEY, '0123abcd', false);
const [NAME] = NAMES as [string];
const MARKER: Marker = { run: 'a', pass: 3, stage: 'complete', atMs: 5, completePass: 3, hasReceipts: false };
const SOON = Date.now() + 3_600_000;
/** What keys a run's probes and canaries have, and its sessions. */
const NO_MARKER = '~session:sess2redis:* ~session:[0-9a-f]*';

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());
beforeEach(() => redis.run(['FLUSHALL']));

async function mover(rules: string): Promise<Endpoint> {
  await redis.run(['ACL', 'SETUSER', 'mover', 'reset', 'on', '>fake', ...rules.split(' ')]);
  return { ...redis.endpoint, username: 'mover', password: 'fake' };
}

const heldIn = async (database: number) => (await redis.run(['SELECT', String(database)], ['GET', NAME]))[1];
const connections = async () =>
  Number(/total_connections_received:(\d+)/.exec(String((await redis.run(['INFO', 'stats']))[0]))?.[1]);

describe('the marker of a run', () => {
  it.each([
    [0, 15],
    [3, 15],
    [15, 14],
  ])('of sessions in database %i lies in %i; one connection writes it and one reads it', async (sessions, own) => {
    const target = { ...redis.endpoint, databaseIndex: sessions };
    const before = await connections();
    expect(await writeMarkers(target, NAMES, MARKER, SOON)).toEqual(NAMES);
    expect((await readMarkers(target, NAMES)).markers.get(NAME)).toEqual(MARKER);
    // The question for the count is the third.
    expect((await connections()) - before).toBe(3);
    expect(await heldIn(own)).not.toBeNull();
    expect(await heldIn(sessions)).toBeNull();
  });

  it('is no string beside the sessions, where the user may make it another type', async () => {
    const target = await mover('+set +get +info +eval +del +hset +hget +pexpireat ~session:*');
    expect(await writeMarkers(target, NAMES, MARKER, SOON)).toEqual(NAMES);
    expect(await redis.run(['HLEN', NAME], ['PEXPIRETIME', NAME])).toEqual([1, SOON]);
    expect((await readMarkers(target, NAMES)).markers.get(NAME)).toEqual(MARKER);
    // A run whose user may not goes on with it as a string.
    const next = { ...MARKER, pass: 4, atMs: 6 };
    const lesser = await mover('+set +get +info ~session:*');
    expect(await writeMarkers(lesser, NAMES, next, SOON)).toEqual(NAMES);
    expect(await redis.run(['STRLEN', NAME])).toEqual([JSON.stringify(next).length]);
    expect((await readMarkers(lesser, NAMES)).markers.get(NAME)).toEqual(next);
  });

  it('lies beside the sessions where the user may not select another database, and is found from either', async () => {
    const target = await mover('+set +get +info ~session:*');
    expect(await writeMarkers(target, NAMES, MARKER, SOON)).toEqual(NAMES);
    expect(await heldIn(0)).not.toBeNull();
    expect((await readMarkers(target, NAMES)).markers.get(NAME)).toEqual(MARKER);
    const newer = { ...MARKER, pass: 4, atMs: 6 };
    await mover('+set +get +info +select ~session:*');
    expect((await readMarkers(target, NAMES)).markers.get(NAME)).toEqual(MARKER);
    await writeMarkers(target, NAMES, newer, SOON);
    expect((await readMarkers(target, NAMES)).markers.get(NAME)).toEqual(newer);
  });

  it.each([
    ['hangs up at SELECT', () => 'hang-up' as const],
    ['refuses SELECT in its own words', () => '-ERR unsupported command\r\n'],
  ])('lies beside the sessions where a box %s', async (_what, answer) => {
    const to = { path: redis.endpoint.address };
    const box = await RefusingBox.forTest(to, ([command]) => (command === 'SELECT' ? answer() : null));
    expect(await writeMarkers(box.endpoint, NAMES, MARKER, SOON)).toEqual(NAMES);
    expect((await readMarkers(box.endpoint, NAMES)).markers.get(NAME)).toEqual(MARKER);
    expect(await checkMarker(box.endpoint, box.endpoint, KEY)).toEqual({
      warnings: [],
      database: null,
      isRefused: false,
    });
  });

  it.each([
    ['write', `+@all ${NO_MARKER} %R~session:*`],
    ['read', `+@all ${NO_MARKER} %W~session:*`],
    ['touch', `+@all ${NO_MARKER}`],
  ])('is refused, and nothing thrown, where the user may not %s its key', async (_what, rules) => {
    const target = await mover(rules);
    expect(await writeMarkers(target, NAMES, MARKER, SOON)).toBeNull();
    expect((await readMarkers(target, NAMES)).isDenied).toBe(_what !== 'write');
  });
});

describe('the pre-flight of a marker', () => {
  it.each([
    ['+@all ~session:*', 15, false, null],
    [
      '+@all -select ~session:*',
      null,
      false,
      /lies among the sessions, .* not in database 15: ACL SETUSER mover \+select$/,
    ],
    [`+@all ${NO_MARKER}`, 15, true, /can't be told from logouts .*: ACL SETUSER mover ~session:sess2redis-marker:\*$/],
    [`+@all -select ${NO_MARKER}`, null, true, /: ACL SETUSER mover \+select ~session:sess2redis-marker:\*$/],
  ])('of %s: database %s, refused %s; what it names mends it', async (rules, database, isRefused, sentence) => {
    const target = await mover(rules);
    const found = await checkMarker(target, target, KEY);
    expect(found).toMatchObject({ database, isRefused });
    expect(found.warnings).toEqual(sentence === null ? [] : [expect.stringMatching(sentence)]);
    expect(await redis.run(['DBSIZE'])).toEqual([0]);
    const granted = /SETUSER mover (.*)$/.exec(found.warnings[0] ?? '')?.[1] ?? '';
    await mover(`${rules} ${granted}`.trim());
    expect(await checkMarker(target, target, KEY)).toEqual({ warnings: [], database: 15, isRefused: false });
  });
});

describe('the markers of a run, whose user loses the right in mid-run', () => {
  const lanes = settingsOf({ key: KEY });

  async function run(target: Endpoint): Promise<{ ledger: Ledger; markers: RunMarkers; pass: number }> {
    const ledger = await Ledger.open(temporaryDirectory(), { sources: '/store', target: 'redis://here' });
    const { pass } = await ledger.beginPass(trusting('compare'), true);
    return { ledger, markers: new RunMarkers(ledger, target, lanes), pass };
  }

  it('say so once, and take nothing for lost', async () => {
    const target = await mover('+@all ~session:*');
    const { ledger, markers, pass } = await run(target);
    expect(await markers.write(pass, 'loading', false)).toBe(true);
    await mover(`+@all ${NO_MARKER}`);
    expect(await markers.areOf(pass)).toBe(true);
    expect([await markers.write(pass, 'complete', false), await markers.write(pass, 'complete', false)]).toEqual([
      false,
      true,
    ]);
    await expect(markers.conclude()).rejects.toMatchObject({
      exitCode: EXIT.permission,
      message: expect.stringContaining(markers.names[0] as string),
    });
    await ledger.close();
  });

  it('say nothing that the pre-flight said', async () => {
    const { ledger, markers, pass } = await run(await mover(`+@all ${NO_MARKER}`));
    markers.isRefusalTold = true;
    expect(await markers.write(pass, 'loading', false)).toBe(true);
    expect((await markers.conclude()).conclusion.kind).not.toBe('lost');
    await ledger.close();
  });

  it('are announced by name and place', () => {
    const cluster: Endpoint = { ...redis.endpoint, discovery: { by: 'cluster', hosts: [] } };
    expect(describeMarker(lanes, redis.endpoint, 15)).toMatch(/^session:sess2redis-marker:[0-9a-f]{8} in database 15$/);
    expect(describeMarker(lanes, { ...redis.endpoint, databaseIndex: 2 }, null)).toMatch(
      / in database 2, beside the sessions$/,
    );
    expect(describeMarker(lanes, cluster, null)).toMatch(/:[0-9a-f]{8}:\{\.\.\.\}, one per master$/);
  });
});

it.each<[what: string, work: (server: ScriptedServer) => Promise<unknown>]>([
  ['reads', (server) => readMarkers(server.endpoint, NAMES)],
  ['writes', (server) => writeMarkers(server.endpoint, NAMES, MARKER, SOON)],
])('no connection stays open where one that %s the marker breaks, so that the process can end', async (_, work) => {
  // It takes the database of each connection, and hangs up at the first question.
  const server = await ScriptedServer.start((socket, received) => {
    if (/SELECT|PING/i.test(received.toString())) socket.write('+OK\r\n');
    else socket.destroy();
  });
  await expect(work(server)).rejects.toThrow(OperatorError);
  // Resolves when the last of them is gone.
  await server.stop();
});
