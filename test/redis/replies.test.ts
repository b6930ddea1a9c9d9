import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErrorReply, type Reply, ReplyParser } from '../../src/redis/replies.js';

/** Feeds the parts one after another, each in memory of its own, as a socket does. */
function parse(parts: readonly Uint8Array[]): Reply[] {
  const parser = new ReplyParser();
  const replies: Reply[] = [];
  for (const part of parts) parser.feed(Buffer.from(part), replies);
  return replies;
}

/** Replies in a form that can be compared: text instead of bytes. */
const shown = (replies: readonly Reply[]): unknown[] =>
  replies.map((reply) => {
    if (Array.isArray(reply)) return shown(reply);
    return reply instanceof Buffer ? `$${reply.toString('latin1')}` : reply;
  });

const STREAM = Buffer.from(
  '*3\r\n:0\r\n*2\r\n$1\r\na\r\n*-1\r\n*0\r\n+OK\r\n$-1\r\n$5\r\nhello\r\n-WRONGTYPE Operation\r\n:42\r\n:-1\r\n$0\r\n\r\n$6\r\n\r\n$1\r\n\r\n+QUEUED\r\n$3\r\n\xff\x00\r\r\n',
  'latin1',
);
const REPLIES = [
  [0, ['$a', null], []],
  ...[true, null, '$hello', new ErrorReply('WRONGTYPE Operation'), 42, -1, '$'],
  // Values may look like replies.
  ...['$\r\n$1\r\n', true, '$\xff\0\r'],
];

describe('a stream of replies', () => {
  it('is cut into its replies', () => {
    expect(shown(parse([STREAM]))).toEqual(REPLIES);
  });

  it('gives the same replies wherever it is split in two', () => {
    for (let at = 0; at <= STREAM.length; at++) {
      expect(shown(parse([STREAM.subarray(0, at), STREAM.subarray(at)])), `split at ${at}`).toEqual(REPLIES);
    }
  });

  it('gives the same replies wherever it is split in three', () => {
    for (let first = 0; first <= STREAM.length; first++) {
      for (let second = first; second <= STREAM.length; second++) {
        const parts = [STREAM.subarray(0, first), STREAM.subarray(first, second), STREAM.subarray(second)];
        expect(shown(parse(parts))).toEqual(REPLIES);
      }
    }
  });

  it('gives the same replies byte by byte', () => {
    expect(shown(parse([...STREAM].map((byte) => Uint8Array.of(byte))))).toEqual(REPLIES);
  });

  it('gives each reply as soon as its last byte is there, and not before', () => {
    const parser = new ReplyParser();
    const replies: Reply[] = [];
    parser.feed(Buffer.from('+OK\r'), replies);
    expect(replies).toHaveLength(0);
    parser.feed(Buffer.from('\n$2\r\nab\r'), replies);
    expect(replies).toHaveLength(1);
    parser.feed(Buffer.from('\n'), replies);
    expect(shown(replies)).toEqual([true, '$ab']);
  });

  it('of any values, in any pieces, comes out as it went in', () => {
    const reply = fc.oneof(
      fc.constant('+OK\r\n'),
      fc.constant('$-1\r\n'),
      fc.integer().map((number) => `:${number}\r\n`),
      fc
        .string({ unit: fc.integer({ min: 0, max: 255 }).map(String.fromCharCode) })
        .map((v) => `$${v.length}\r\n${v}\r\n`),
    );
    fc.assert(
      fc.property(fc.array(reply), fc.array(fc.nat({ max: 500 })), (replies, cuts) => {
        const stream = Buffer.from(replies.join(''), 'latin1');
        const ends = [...cuts.sort((a, b) => a - b).filter((cut) => cut < stream.length), stream.length];
        const parts = ends.map((end, i) => stream.subarray(ends[i - 1] ?? 0, end));
        expect(shown(parse(parts))).toEqual(shown(parse([stream])));
        expect(parse(parts)).toHaveLength(replies.length);
      }),
    );
  });

  it('keeps a value of a megabyte that comes in pieces', () => {
    const value = Buffer.alloc(2 ** 20, 'x');
    const stream = Buffer.concat([Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n+OK\r\n')]);
    const parts = Array.from({ length: 17 }, (_, i) => stream.subarray(i * 65_536, (i + 1) * 65_536));
    const [whole, ok] = parse(parts);
    expect([value.equals(whole as Buffer), ok]).toEqual([true, true]);
  });

  it.each([
    'HTTP/1.1 400 Bad Request\r\n\r\n',
    'SSH-2.0-OpenSSH_9.2p1\r\n',
    '\x15\x03\x03\x00\x02\x02\x46',
    '5\r\n',
    '$abc\r\nabc\r\n',
    '*x\r\n',
    '%1\r\n+a\r\n+b\r\n',
    '_\r\n',
    '\r\n',
  ])('of a peer that speaks another protocol is told from the first bytes: %j', (latin1) => {
    expect(() => parse([Buffer.from(latin1, 'latin1')])).toThrow('does not speak the Redis protocol');
  });

  it('is recognised as another protocol even before its first line ends', () => {
    expect(() => parse([Buffer.from('HTTP')])).toThrow('does not speak the Redis protocol');
  });

  it('gives the replies that came before bytes that are none', () => {
    const replies: Reply[] = [];
    expect(() => new ReplyParser().feed(Buffer.from('+OK\r\n:1\r\nrubbish\r\n'), replies)).toThrow();
    expect(replies).toEqual([true, 1]);
  });
});
