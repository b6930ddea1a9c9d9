import { describe, expect, it } from 'vitest';
import { diskReserve, filesThatFit, memoryNeed, memoryRoom, readState } from '../../src/bench/server-state.js';
import { tableBytes } from '../../src/redis/memory-model.js';

const GIB = 2 ** 30;
const disk = (sizeBytes: number, freeBytes: number, files = 0, ffree = 0) => ({
  bsize: 4096,
  blocks: sizeBytes / 4096,
  bavail: freeBytes / 4096,
  files,
  ffree,
});

describe('the room on a disk', () => {
  it('keeps a tenth of a small disk and 5 GiB of a large one', () => {
    expect(diskReserve(disk(10 * GIB, 0))).toBe(GIB);
    expect(diskReserve(disk(50 * GIB, 0))).toBe(5 * GIB);
    expect(diskReserve(disk(4096 * GIB, 0))).toBe(5 * GIB);
  });

  it.each([
    ['what is over the reserve', disk(10 * GIB, 2 * GIB), 4096, GIB / 4096],
    ['nothing where less than the reserve is free', disk(10 * GIB, GIB - 1), 4096, 0],
    ['whole files', disk(10 * GIB, GIB + 10_000), 4096, 2],
    ['no more than nine tenths of the inodes allow', disk(10 * GIB, 9 * GIB, 1000, 150), 4096, 50],
    ['nothing where inodes run out', disk(10 * GIB, 9 * GIB, 1000, 99), 4096, 0],
    ['any number where inodes are made when needed', disk(10 * GIB, 2 * GIB, 0, 0), GIB / 2, 2],
  ])('is %s', (_what, state, bytesPerFile, files) => {
    expect(filesThatFit(state, bytesPerFile)).toBe(files);
  });
});

describe('the room in memory', () => {
  const server = (fields: Record<string, number>) =>
    readState(
      Object.entries({ used_memory: 1e9, used_memory_rss: 2e9, maxmemory: 0, total_system_memory: 0, ...fields })
        .map(([name, value]) => `${name}:${value}`)
        .join('\r\n'),
    );

  it.each([
    ['endless where nothing bounds it', {}, null, Number.POSITIVE_INFINITY],
    ['what maxmemory leaves', { maxmemory: 4e9 }, null, 2.4e9],
    ['negative where the server is nearly full', { maxmemory: 1e9 }, null, -0.15e9],
    ['what the machine of the server leaves', { total_system_memory: 10e9 }, null, 6.5e9],
    ['what is free on this machine', { total_system_memory: 10e9 }, 2e9, 1.7e9],
  ])('is %s', (_what, fields, freeBytes, room) => {
    expect(memoryRoom(server(fields), freeBytes)).toBeCloseTo(room, -3);
  });

  it('has to hold the sessions, and tables that grow while the old ones are there', () => {
    expect(memoryNeed(2 ** 20, 600, 0)).toBeCloseTo(1.15 * (2 ** 20 * 600 + 1.5 * tableBytes(2 ** 20)), 0);
    // The tables have slots left for these.
    expect(memoryNeed(100, 600, 2 ** 19 + 1)).toBeCloseTo(1.15 * 100 * 600, 0);
  });
});
