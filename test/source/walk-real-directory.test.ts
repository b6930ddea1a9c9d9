import { execFileSync } from 'node:child_process';
import fs, { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileIntake } from '../../src/intake/take-file.js';
import type { Outcome } from '../../src/session.js';
import { ChunkCursor } from '../../src/source/chunk.js';
import { SessionReader } from '../../src/source/read.js';
import { type UnreadableDirectory, walk } from '../../src/source/walk.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { flat, hashed, hex40, jsonSession, ODOO, settingsOf, urlsafe84 } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const store = temporaryDirectory();
const elsewhere = temporaryDirectory();
const server = net.createServer();
const isRoot = process.getuid?.() === 0;

const [sound, soundHashed] = [flat(hex40(1)), hashed(urlsafe84(2))];
const [linked, linkedToNothing, linkedHashed] = [flat(hex40(3)), flat(hex40(4)), hashed(urlsafe84(5))];
const [fifo, socket, directory] = [flat(hex40(6)), flat(hex40(7)), flat(hex40(8))];
const [fifoHashed, directoryHashed] = [hashed(urlsafe84(9)), hashed(urlsafe84(10))];
/** What follows are no names in any encoding but latin1. */
const [rawName, rawHashed, rawShard] = ['caf\xe9\xff', 'cd/\x80\x81', '\xc3\xa9'];

const inStore = (latin1: string): Buffer => Buffer.from(`${store}/${latin1}`, 'latin1');

beforeAll(async () => {
  for (const path of [soundHashed, linkedHashed, fifoHashed, directoryHashed, rawHashed]) {
    mkdirSync(`${store}/${path.slice(0, 2)}`, { recursive: true });
  }
  for (const path of [sound, soundHashed]) writeFileSync(inStore(path), jsonSession());
  writeFileSync(`${elsewhere}/session`, jsonSession());
  for (const path of [linked, linkedHashed]) symlinkSync(`${elsewhere}/session`, inStore(path));
  symlinkSync('/nowhere', inStore(linkedToNothing));
  // A shard that is a link would lead out of the store.
  mkdirSync(`${elsewhere}/ln`);
  writeFileSync(`${elsewhere}/ln/ln${hex40(1)}`, jsonSession());
  symlinkSync(`${elsewhere}/ln`, inStore('ln'));
  execFileSync('mkfifo', [`${store}/${fifo}`, `${store}/${fifoHashed}`]);
  for (const path of [directory, directoryHashed, rawShard]) mkdirSync(inStore(path));
  for (const path of [rawName, rawHashed]) writeFileSync(inStore(path), jsonSession());
  // Relative: the path of a socket has 108 bytes at most.
  const home = process.cwd();
  process.chdir(store);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  process.chdir(home);
});

afterAll(() => {
  server.close();
});

function walkStore(fileSystem = realFileSystem): { entries: Map<string, boolean>; unreadable: UnreadableDirectory[] } {
  const unreadable: UnreadableDirectory[] = [];
  const entries = new Map<string, boolean>();
  const options = {
    application: ODOO,
    fileSystem,
    shards: null,
    maxEntries: () => 3,
    onUnreadable: (one: UnreadableDirectory) => unreadable.push(one),
  };
  for (const chunk of walk([store], options)) {
    const cursor = new ChunkCursor(chunk);
    while (cursor.next()) {
      expect(entries.has(cursor.path), cursor.path).toBe(false);
      entries.set(cursor.path, cursor.mayBeFile);
    }
  }
  return { entries, unreadable };
}

describe('a real directory', () => {
  it('is walked once through, and tells files from everything else', () => {
    const files = [sound, soundHashed, rawName, rawHashed];
    const others = [linked, linkedToNothing, linkedHashed, 'ln', fifo, fifoHashed, socket, directory, directoryHashed];
    const wanted = [...files.map((path) => [path, true]), ...[...others, rawShard].map((path) => [path, false])];
    expect([...walkStore().entries].sort()).toEqual(wanted.sort());
  });

  it('moves regular files only: links, FIFOs, sockets, directories and names that are no text are foreign', () => {
    const journey = new FileIntake(realFileSystem, settingsOf({ sources: [store] }));
    const outcomes = new Map<string, Outcome | null>();
    for (const [path, mayBeFile] of walkStore().entries)
      outcomes.set(path, journey.take(0, path, mayBeFile, Date.now()));
    const moving = [...outcomes].filter(([, outcome]) => outcome === null).map(([path]) => path);
    expect(moving.sort()).toEqual([sound, soundHashed].sort());
    expect(new Set(outcomes.values())).toEqual(new Set([null, 'foreign']));
  });

  it('never waits for a FIFO nor follows a link, even when it is one by the time it is opened', () => {
    const reader = new SessionReader(realFileSystem, 1000);
    const outcomes = [linked, linkedToNothing, linkedHashed, fifo, socket, directory].map((path) =>
      reader.read(`${store}/${path}`),
    );
    expect(outcomes).toEqual(new Array(6).fill('foreign'));
    expect(reader.read(`${store}/${sound}`)).toBeNull();
  });

  it('has a vanished file where it was a moment ago, and where its shard has become a file', () => {
    const reader = new SessionReader(realFileSystem, 1000);
    expect(reader.read(`${store}/${hashed(urlsafe84(99))}`)).toBe('vanished');
    expect(reader.read(`${store}/${sound}/${hex40(1)}`)).toBe('vanished');
  });

  it.skipIf(isRoot)('tells of a shard that this user may not read, and goes on', () => {
    const shard = soundHashed.slice(0, 2);
    chmodSync(`${store}/${shard}`, 0o000);
    try {
      const { entries, unreadable } = walkStore();
      expect(unreadable).toEqual([{ source: 0, shard, code: 'EACCES' }]);
      expect(entries.has(sound)).toBe(true);
      expect(entries.has(soundHashed)).toBe(false);
    } finally {
      chmodSync(`${store}/${shard}`, 0o755);
    }
  });

  it('leaves no descriptor open', () => {
    const before = fs.readdirSync('/proc/self/fd').length;
    for (let i = 0; i < 20; i++) walkStore();
    const reader = new SessionReader(realFileSystem, 1000);
    for (const path of [sound, linked, fifo, socket, directory]) reader.read(`${store}/${path}`);
    expect(fs.readdirSync('/proc/self/fd').length).toBe(before);
  });
});
