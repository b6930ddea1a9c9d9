import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Quantum, sessionBytes, tableBytes } from '../../src/redis/memory-model.js';
import { encodeCommand, Wire } from '../../src/redis/wire.js';
import { RedisServer } from '../support/redis-server.js';

/** Some kilobytes of the server's own come and go. */
const TOLERANCE = 0.002;
const AT_ONCE = 200;

let server: RedisServer;
let quantum: Quantum;
beforeAll(async () => {
  server = await RedisServer.start('--enable-debug-command', 'yes');
  // What the server allocates once for all, with the first keys, is no session's.
  await load(1000, 48, 1000);
  const [text] = await server.run(['MEMORY', 'MALLOC-STATS']);
  quantum = /Quantum size: 8\b/.test(String(text)) ? 8 : 16;
});
afterAll(() => server.stop());

const field = (info: string, name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);

/** At rest: no connection but the one that asks, and no table under way to a larger one. */
async function usedMemoryAtRest(): Promise<number> {
  for (;;) {
    const [info, tables] = (await server.run(['INFO'], ['DEBUG', 'HTSTATS', '0'])).map(String) as [string, string];
    const isAtRest = field(info, 'connected_clients') === 1 && !tables.includes('rehashing target');
    if (isAtRest) return field(info, 'used_memory');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function load(sessions: number, keyBytes: number, valueBytes: number): Promise<number> {
  await server.run(['FLUSHALL']);
  const before = await usedMemoryAtRest();
  const value = 'v'.repeat(valueBytes);
  const expiry = String(Date.now() + 3_600_000);
  const wire = await Wire.connect(server.endpoint);
  for (let first = 0; first < sessions; first += AT_ONCE) {
    const commands = Array.from({ length: Math.min(AT_ONCE, sessions - first) }, (_, i) =>
      encodeCommand(['SET', String(first + i).padStart(keyBytes, 'k'), value, 'NX', 'PXAT', expiry]),
    );
    await wire.request(Buffer.concat(commands), commands.length);
  }
  wire.close();
  return (await usedMemoryAtRest()) - before;
}

describe('the memory that sessions take', () => {
  it.each([
    // Sids of 40, 84 and 86 characters behind camptocamp's prefix; the sizes lie on both sides of size classes.
    [8000, 48, 20],
    [8000, 48, 44],
    [8000, 48, 45],
    [8000, 92, 252],
    [8000, 92, 253],
    [8000, 92, 400],
    [8193, 94, 400],
    [5000, 94, 2000],
    [2000, 130, 20_000],
  ])('is predicted for %i keys of %i bytes with values of %i', async (sessions, keyBytes, valueBytes) => {
    const predicted = sessions * sessionBytes(keyBytes, valueBytes, quantum) + tableBytes(sessions);
    const measured = await load(sessions, keyBytes, valueBytes);
    expect(Math.abs(predicted / measured - 1), `${predicted} for ${measured}`).toBeLessThan(TOLERANCE);
  });

  it.each([
    // A key of 92: 96 bytes; its value of 400: object 16, string 448; two entries of 32, or 24 with a quantum of 8.
    [92, 400, 16, 96 + 16 + 448 + 64],
    [92, 400, 8, 96 + 16 + 448 + 48],
    // Embedded: 16 + 3 + 44 + 1.
    [48, 44, 16, 64 + 64 + 64],
    [48, 45, 16, 64 + 16 + 64 + 64],
    // A header of 5 from 256 bytes on, of 9 from 65,536 on.
    [256, 100, 16, 320 + 16 + 112 + 64],
    [48, 65_535, 16, 64 + 16 + 81_920 + 64],
    [48, 131_072, 16, 64 + 16 + 163_840 + 64],
  ] as const)('is by size class for a key of %i and a value of %i with quantum %i', (key, value, step, bytes) => {
    expect(sessionBytes(key, value, step)).toBe(bytes);
  });

  it('assumes the larger figure where the allocator is not known', () => {
    expect(sessionBytes(92, 400)).toBe(sessionBytes(92, 400, 16));
    expect(sessionBytes(92, 400)).toBeGreaterThan(sessionBytes(92, 400, 8));
  });

  it.each([
    [0, 0],
    [1, 64],
    [4, 64],
    [5, 128],
    [2 ** 20, 2 ** 24],
    [2 ** 20 + 1, 2 ** 25],
    [8_000_000, 2 ** 27],
  ])('has tables for %i sessions that take %i bytes', (sessions, bytes) => {
    expect(tableBytes(sessions)).toBe(bytes);
  });
});
