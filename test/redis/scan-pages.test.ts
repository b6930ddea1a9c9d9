import type net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeyPage, KeyPages, type PageOptions } from '../../src/redis/scan.js';
import { RedisServer } from '../support/redis-server.js';
import { ScriptedServer } from '../support/scripted-server.js';

async function pagesOf(pages: KeyPages, options: Partial<PageOptions> = {}): Promise<KeyPage[]> {
  const all: KeyPage[] = [];
  for await (const page of pages.pages({ before: 's:', after: '', size: () => 100, wants: () => true, ...options }))
    all.push(page);
  return all;
}

describe('what a server holds', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
    const commands = Array.from({ length: 2500 }, (_, n) => ['SET', `s:${n}`, `value ${n}`, 'PXAT', String(4e12 + n)]);
    await redis.run(...commands, ['SET', 'other', 'x'], ['SET', 's*:1', 'y'], ['RPUSH', 's:list', 'z']);
  });
  afterAll(() => redis.stop());

  it('is read in pages, each key once, with its value and expiry', async () => {
    const pages = new KeyPages(redis.endpoint);
    const found = await pagesOf(pages);
    pages.close();
    expect(Math.max(...found.map(({ keys }) => keys.length))).toBeLessThanOrEqual(100);
    expect(found.every(({ keys, held }) => keys.length === held.length)).toBe(true);
    const keys = found.flatMap((page) => page.keys);
    expect(keys.length).toBe(2501);
    expect(new Set(keys).size).toBe(2501);
    for (const page of found) {
      page.keys.forEach((key, i) => {
        const n = Number(key.slice(2));
        if (key === 's:list') expect(page.held[i]).toMatchObject({ value: null, isOtherType: true });
        else expect(page.held[i]).toMatchObject({ value: Buffer.from(`value ${n}`), expiryMs: 4e12 + n });
      });
    }
  });

  it('is asked for only where it is wanted', async () => {
    const pages = new KeyPages(redis.endpoint);
    const found = await pagesOf(pages, { wants: (key) => key.endsWith('7') });
    pages.close();
    for (const { keys, held } of found) {
      keys.forEach((key, i) => {
        if (key.endsWith('7')) expect(held[i]?.value?.toString()).toBe(`value ${key.slice(2)}`);
        else expect(held[i]).toBeNull();
      });
    }
  });

  it('is found by its prefix as it is, not as a pattern', async () => {
    const pages = new KeyPages(redis.endpoint);
    expect((await pagesOf(pages, { before: 's*:' })).flatMap(({ keys }) => keys)).toEqual(['s*:1']);
    pages.close();
  });

  it('is looked at again by name', async () => {
    const pages = new KeyPages(redis.endpoint);
    const [held, gone] = await pages.again(['s:5', 's:none']);
    pages.close();
    expect(held).toMatchObject({ value: Buffer.from('value 5') });
    expect(gone?.value).toBeNull();
  });
});

describe('a server whose table shrinks under SCAN', () => {
  /** Answers each command of `data`, all of them complete, with what `answer` makes of its words. */
  const answering = (answer: (words: string[]) => string) => (socket: net.Socket, data: Buffer) => {
    const lines = data.toString('latin1').split('\r\n');
    for (let at = 0; (lines[at] ?? '').startsWith('*'); ) {
      const count = Number((lines[at] as string).slice(1));
      const words = Array.from({ length: count }, (_, i) => lines[at + 2 + 2 * i] as string);
      at += 1 + 2 * count;
      socket.write(answer(words));
    }
  };
  const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
  const scanned = (cursor: string, keys: string[]) =>
    `*2\r\n${bulk(cursor)}*${keys.length}\r\n${keys.map(bulk).join('')}`;

  it('gives keys a second time, and they are taken once', async () => {
    const asked: string[] = [];
    const replies: Record<string, string> = {
      0: scanned('7', ['s:1', 's:2', 's:1']),
      7: scanned('9', []),
      9: scanned('0', ['s:2', 's:3', 's:1']),
    };
    const script = answering(([command = '', key = '']) => {
      if (command.toUpperCase() === 'SCAN') return replies[key] as string;
      if (command === 'GET') asked.push(key);
      return command === 'GET' ? bulk('v') : command === 'PEXPIRETIME' ? ':4000000000000\r\n' : '+OK\r\n';
    });
    const server = await ScriptedServer.start(script);
    const pages = new KeyPages(server.endpoint);
    const found = await pagesOf(pages);
    pages.close();
    await server.stop();
    expect(found.map(({ keys }) => keys)).toEqual([['s:1', 's:2'], ['s:3']]);
    expect(asked).toEqual(['s:1', 's:2', 's:3']);
  });
});
