import { afterEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import type { Reply } from '../../src/redis/replies.js';
import { encodeCommand, LostReplies, Wire } from '../../src/redis/wire.js';
import { ScriptedServer } from '../support/scripted-server.js';

const PING = encodeCommand(['PING']);
const wires: Wire[] = [];
const servers: ScriptedServer[] = [];

async function connect(script: Parameters<typeof ScriptedServer.start>[0]): Promise<Wire> {
  const server = await ScriptedServer.start(script);
  servers.push(server);
  const wire = await Wire.connect(server.endpoint);
  wires.push(wire);
  return wire;
}

afterEach(async () => {
  for (const wire of wires.splice(0)) wire.close();
  for (const server of servers.splice(0)) await server.stop();
});

const shown = (replies: readonly Reply[]) => replies.map((reply) => (reply instanceof Buffer ? String(reply) : reply));

async function lossOf(request: Promise<unknown>): Promise<LostReplies> {
  const error = await request.catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(LostReplies);
  return error as LostReplies;
}

describe('a connection for bulk writes', () => {
  it('gives each request its own replies, however the network cuts them', async () => {
    const stream = Buffer.from('+OK\r\n$3\r\nabc\r\n$-1\r\n:7\r\n');
    for (let cut = 1; cut < stream.length; cut++) {
      const wire = await connect((socket, _data, nth) => {
        if (nth > 0) return;
        socket.write(stream.subarray(0, cut), () => socket.write(stream.subarray(cut)));
      });
      const [first, second, third] = await Promise.all([
        wire.request(PING, 1),
        wire.request(PING, 2),
        wire.request(PING, 1),
      ]);
      expect([first, second, third].map(shown)).toEqual([[true], ['abc', null], [7]]);
      wire.close();
    }
  });

  it('sends what it is given, once and untouched', async () => {
    const wire = await connect((socket, data) => socket.write('+OK\r\n'.repeat(data.length)));
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    await wire.request(bytes, 256);
    expect(Buffer.concat(servers[0]?.received as Buffer[]).equals(bytes)).toBe(true);
  });

  it.each([
    ['none of them', '', []],
    ['a part of the first', '$3\r\nab', []],
    ['some', '+OK\r\n$-1\r\n', [true, null]],
    ['some and a part of the next', '+OK\r\n$-1\r\n$5\r\nhel', [true, null]],
    ['all but the last byte', '+OK\r\n$-1\r\n$5\r\nhello\r\n+OK\r', [true, null, 'hello']],
  ])('that breaks after %s loses exactly the rest', async (_what, sent, arrived) => {
    const wire = await connect((socket) => socket.end(sent));
    const loss = await lossOf(wire.request(PING, 4));
    expect(shown(loss.replies)).toEqual(arrived);
    expect(loss).toMatchObject({ name: 'LostReplies', exitCode: EXIT.temporary });
    expect(loss.message).toContain('the connection was closed');
  });

  it('that is reset loses what it did not get', async () => {
    const wire = await connect((socket, _data, nth) =>
      nth === 0 ? socket.write('+OK\r\n') : socket.resetAndDestroy(),
    );
    expect(await wire.request(PING, 1)).toEqual([true]);
    const loss = await lossOf(wire.request(PING, 2));
    expect(loss.replies).toEqual([]);
    expect(loss.message).toContain('ECONNRESET');
  });

  it('that breaks loses everything that waits behind, and never sends again', async () => {
    const wire = await connect((socket) => socket.end('+OK\r\n+OK\r\n'));
    const [first, second, third] = await Promise.all([
      wire.request(PING, 1),
      lossOf(wire.request(PING, 2)),
      lossOf(wire.request(PING, 1)),
    ]);
    expect([first, second.replies, third.replies]).toEqual([[true], [true], []]);
    const later = await lossOf(wire.request(PING, 1));
    expect(later.replies).toEqual([]);
    expect(later.message).toBe(second.message);
    expect(servers[0]?.text).toBe(String(PING).repeat(3));
  });

  it('that meets a peer of another protocol keeps the replies that came before', async () => {
    const wire = await connect((socket) => socket.write('+OK\r\nHTTP/1.1 400 Bad Request\r\n\r\n'));
    const loss = await lossOf(wire.request(PING, 3));
    expect(loss.replies).toEqual([true]);
    expect(loss.message).toMatch(/^redis:\/\/127\.0\.0\.1:\d+\/0: the peer does not speak the Redis protocol/);
  });

  it('is over when it answers more than it was asked: the next answer would be taken for another', async () => {
    const wire = await connect((socket) => socket.write('+OK\r\n+OK\r\n'));
    expect(await wire.request(PING, 1)).toEqual([true]);
    expect((await lossOf(wire.request(PING, 1))).message).toContain('it answers more than it was asked');
  });

  it.each([
    ['-ERR max number of clients reached\r\n', EXIT.temporary, 'takes no more clients'],
    ['-DENIED Redis is running in protected mode because ...\r\n', EXIT.permission, 'is in protected mode'],
  ])('keeps what the server says before it closes: %j', async (said, exitCode, sentence) => {
    const wire = await connect((socket) => socket.end(said));
    const loss = await lossOf(wire.request(PING, 1));
    expect(loss).toMatchObject({ replies: [], exitCode, message: expect.stringContaining(sentence) });
  });

  it.each([
    ['a line', `+${'x'.repeat(70_000)}`],
    ['a value', '$9000000000000000\r\nxxx'],
    ['a list', '*1000000000\r\n:1\r\n'],
    ['levels', '*1\r\n'.repeat(9)],
  ])('is over at an answer without bound: %s', async (_what, sent) => {
    const wire = await connect((socket) => socket.write(sent));
    const loss = await lossOf(wire.request(PING, 1));
    expect(loss.exitCode).toBe(EXIT.refused);
    expect(loss.message).toMatch(/it answers with a .* of more than \d+/);
  });

  it('that meets another protocol in the first place is no temporary trouble', async () => {
    const wire = await connect((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await lossOf(wire.request(PING, 1))).exitCode).toBe(EXIT.usage);
    const secured = await connect((socket) => socket.write(Buffer.from([0x15, 3, 3, 0, 2, 2, 70])));
    expect(await lossOf(secured.request(PING, 1))).toMatchObject({
      exitCode: EXIT.usage,
      message: expect.stringContaining('it speaks TLS: write rediss://'),
    });
  });

  it('gives up what is under way when it is closed', async () => {
    const wire = await connect(() => {});
    const request = wire.request(PING, 1).then(
      () => 'answered',
      () => 'given up',
    );
    wire.close();
    let turns = Promise.resolve();
    for (let i = 0; i < 20; i++) turns = turns.then(() => new Promise<void>((resolve) => setImmediate(resolve)));
    expect(await Promise.race([request, turns.then(() => 'left hanging')])).toBe('given up');
  });
});
