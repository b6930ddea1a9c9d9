import fs, {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ChunkCursor } from '../../src/source/chunk.js';
import { SessionReader } from '../../src/source/read.js';
import { StoreRoot } from '../../src/source/store-root.js';
import { type UnreadableDirectory, walk } from '../../src/source/walk.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { flat, hashed, hex40, jsonSession, ODOO } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
const SHARD = 'ab';
const SID = `${SHARD}${hex40(1).slice(2)}`;

/** A store that others may write to, with one session in a shard, and another tenant's store with one of the same id. */
function tenants(): { root: string; other: string } {
  const [root, other] = [temporaryDirectory(), temporaryDirectory()];
  for (const [store, text] of [
    [root, 'ours'],
    [other, 'theirs'],
  ] as const) {
    mkdirSync(`${store}/${SHARD}`);
    writeFileSync(`${store}/${SHARD}/${SID}`, text);
  }
  chmodSync(root, 0o777);
  return { root, other };
}

function swapForLink(root: string, other: string): void {
  renameSync(`${root}/${SHARD}`, `${root}/away`);
  symlinkSync(`${other}/${SHARD}`, `${root}/${SHARD}`);
}

afterEach(() => vi.restoreAllMocks());

describe('a shard in whose place a link was put', () => {
  it('is not listed, whenever it happens after the store was', () => {
    const { root, other } = tenants();
    const unreadable: UnreadableDirectory[] = [];
    const found: string[] = [];
    const options = { application: ODOO, fileSystem: realFileSystem, maxEntries: () => 1, shards: null };
    const onListed = () => found.length === 0 && swapForLink(root, other);
    for (const chunk of walk([root], { ...options, onListed, onUnreadable: (one) => unreadable.push(one) })) {
      const cursor = new ChunkCursor(chunk);
      while (cursor.next()) found.push(cursor.path);
    }
    expect(found).toEqual([]);
    expect(unreadable).toMatchObject([{ shard: SHARD, code: expect.stringMatching(/^(ELOOP|ENOTDIR)$/) }]);
  });

  it('is not listed either where it was put there after it was looked at', () => {
    const { root, other } = tenants();
    const store = new StoreRoot({ ...realFileSystem }, root);
    const opendir = realFileSystem.opendirSync;
    vi.spyOn(store.fileSystem, 'opendirSync').mockImplementation(((path: string, options: object) => {
      swapForLink(root, other);
      return opendir(path, options);
    }) as typeof opendir);
    expect(() => store.list(SHARD, 10)).toThrow('ENOTDIR');
  });

  it.runIf(isRoot && isLinux)("is not listed by root where the store is another user's alone", () => {
    const { root, other } = tenants();
    chmodSync(root, 0o755);
    chownSync(root, 12_345, 12_345);
    const store = new StoreRoot(realFileSystem, root);
    store.list(SHARD, 10).close();
    swapForLink(root, other);
    expect(() => store.list(SHARD, 10)).toThrow(/ELOOP|ENOTDIR/);
  });

  it('gives no file to read', () => {
    const { root, other } = tenants();
    const reader = new SessionReader(realFileSystem, 1000);
    const store = new StoreRoot(realFileSystem, root);
    expect(reader.read(`${root}/${SHARD}/${SID}`, store)).toBeNull();
    swapForLink(root, other);
    expect(reader.read(`${root}/${SHARD}/${SID}`, store)).toBe('unreadable');
    expect(reader.explanation).toMatch(/not below the session directory/);
    // Where open files have no names, what lies at the path is looked at once more.
    const elsewhere = { ...realFileSystem };
    const other2 = new SessionReader(elsewhere, 1000);
    expect(other2.read(`${root}/${SHARD}/${SID}`, new StoreRoot(elsewhere, root))).toBe('unreadable');
  });

  it.skipIf(!isRoot)('gives no file of another user, though nobody but the owner may write to the store', () => {
    const { root, other } = tenants();
    chmodSync(root, 0o700);
    chownSync(root, 1234, 1234);
    swapForLink(root, other);
    const reader = new SessionReader(realFileSystem, 1000);
    expect(reader.read(`${root}/${SHARD}/${SID}`, new StoreRoot(realFileSystem, root))).toBe('unreadable');
  });
});

describe('a file of a store', () => {
  it('is read at whatever name the operator gave to the store, and also while Odoo replaces it', () => {
    const { root } = tenants();
    symlinkSync(root, `${root}-link`);
    const reader = new SessionReader(realFileSystem, 1000);
    const store = new StoreRoot(realFileSystem, `${root}-link`);
    expect(reader.read(`${root}-link/${SHARD}/${SID}`, store)).toBeNull();
    const fstat = fs.fstatSync;
    vi.spyOn(fs, 'fstatSync').mockImplementationOnce(((fd: number) => {
      writeFileSync(`${root}/new`, 'new');
      renameSync(`${root}/new`, `${root}/${SHARD}/${SID}`);
      return fstat(fd);
    }) as typeof fstat);
    expect(reader.read(`${root}-link/${SHARD}/${SID}`, store)).toBeNull();
    expect(reader.buffer.toString('latin1', 0, reader.length)).toBe('ours');
  });

  it('costs no more calls than before where it belongs to the owner of a store that is nobody else’s', () => {
    const { root } = tenants();
    chmodSync(root, 0o700);
    const store = new StoreRoot(realFileSystem, root);
    const reader = new SessionReader(realFileSystem, 1000);
    reader.read(`${root}/${SHARD}/${SID}`, store);
    const calls = (['readlinkSync', 'lstatSync', 'statSync', 'realpathSync'] as const).map((name) =>
      vi.spyOn(fs, name),
    );
    expect(reader.read(`${root}/${SHARD}/${SID}`, store)).toBeNull();
    for (const call of calls) expect(call).not.toHaveBeenCalled();
  });

  it.skipIf(!isRoot || !isLinux)('may have further names if they are of its directory’s owner, and no others', () => {
    const { root, other } = tenants();
    chmodSync(root, 0o700);
    const [mine, theirs] = [`${root}/${flat(hex40(2))}`, `${root}/${flat(hex40(3))}`];
    for (const path of [mine, `${other}/session`]) writeFileSync(path, jsonSession());
    for (const path of [root, mine]) chownSync(path, 1234, 1234);
    linkSync(mine, `${other}/backup`);
    linkSync(`${other}/session`, theirs);
    const reader = new SessionReader(realFileSystem, 1000);
    const store = new StoreRoot(realFileSystem, root);
    expect(reader.read(mine, store)).toBeNull();
    expect(reader.read(theirs, store)).toBe('unreadable');
    expect(reader.explanation).toMatch(/hard link to a file of another user/);
    expect(readFileSync(theirs, 'utf8')).toBe(jsonSession().toString());
    // A shard of that user in a store of root's, as a volume may be.
    const inShard = `${root}/${hashed(hex40(4))}`;
    mkdirSync(inShard.slice(0, inShard.lastIndexOf('/')));
    linkSync(mine, inShard);
    for (const path of [root]) chownSync(path, 0, 0);
    chownSync(inShard.slice(0, inShard.lastIndexOf('/')), 1234, 1234);
    expect(reader.read(inShard, new StoreRoot(realFileSystem, root))).toBeNull();
  });
});
