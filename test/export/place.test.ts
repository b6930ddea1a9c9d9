import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { newStoreName } from '../../src/applications/application.js';
import { EXIT, OperatorError } from '../../src/errors.js';
import { AtomicPlacer } from '../../src/export/place.js';
import { flat, HOUR, hashed, hex40, NOW, ODOO } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const temporary = temporaryDirectory();
const makeRoot = () => mkdtempSync(join(temporary, 'store-'));
const isRoot = process.geteuid?.() === 0;
const [SUFFIX, OWNER] = ['.__wz_sess', { uid: 1234, gid: 4321 }];

afterEach(() => vi.restoreAllMocks());

const failing = (code: string) => () => {
  throw Object.assign(new Error(`${code}: no`), { code });
};

describe('a file', () => {
  it.each([SUFFIX, '.__tx_sess__'])(
    'is complete before it has its name, as a temporary file of Odoo (%s)',
    (suffix) => {
      const root = makeRoot();
      const placer = new AtomicPlacer({ root, owner: null }, suffix);
      const renames: [string, string][] = [];
      const rename = fs.renameSync.bind(fs);
      vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
        renames.push([String(from), String(to)]);
        const { mode, mtimeMs } = statSync(from);
        expect([readFileSync(from, 'utf8'), mode & 0o7777, Math.floor(mtimeMs)]).toEqual(['all of it', 0o644, NOW]);
        rename(from, to);
      });
      expect(placer.place(hashed(hex40(1)), Buffer.from('all of it'), NOW)).toBe('');
      const [from, to] = renames[0] as [string, string];
      const name = basename(from);
      expect(name).toMatch(/^tmp[a-z0-9_]{8}\./);
      expect(ODOO.recognise(name, newStoreName()).verdict).toBe('temp-file');
      expect(name.endsWith(suffix)).toBe(true);
      expect(basename(to)).toBe(hex40(1));
      expect(readFileSync(join(root, hashed(hex40(1))), 'utf8')).toBe('all of it');
    },
  );

  it.skipIf(!isRoot)('is given to its owner, and so is a new shard', () => {
    const root = makeRoot();
    const placer = new AtomicPlacer({ root, owner: OWNER }, SUFFIX);
    placer.place(hashed(hex40(1)), Buffer.from('x'), NOW);
    for (const path of [hashed(hex40(1)), hex40(1).slice(0, 2)]) {
      expect(statSync(join(root, path))).toMatchObject(OWNER);
    }
  });

  it('leaves nothing behind where it cannot be renamed', () => {
    const root = makeRoot();
    const placer = new AtomicPlacer({ root, owner: null }, SUFFIX);
    vi.spyOn(fs, 'renameSync').mockImplementation(failing('EACCES'));
    expect(placer.place(flat(hex40(1)), Buffer.from('x'), NOW)).toBe('the system said EACCES');
    expect(readdirSync(root)).toEqual([]);
  });

  it.each([
    ['writeSync', 'ENOSPC', EXIT.temporary, /no room .*ENOSPC.* make room and run the same line again/],
    ['closeSync', 'EDQUOT', EXIT.temporary, /no room .*EDQUOT/],
    ['renameSync', 'ENOSPC', EXIT.temporary, /index\): make room/],
    ['openSync', 'EROFS', EXIT.permission, /cannot be written by this user \(EROFS\)/],
    ['renameSync', 'EIO', EXIT.temporary, /the system said EIO: check the disk/],
    ['fchownSync', 'EPERM', EXIT.permission, /cannot be given to 1234:4321 .*run as root/],
  ] as const)('that fails at %s with %s ends the run, and leaves nothing behind', (call, code, exitCode, sentence) => {
    const root = makeRoot();
    vi.spyOn(fs, 'fchownSync').mockImplementation(() => {});
    const placer = new AtomicPlacer({ root, owner: OWNER }, SUFFIX);
    vi.spyOn(fs, call).mockImplementationOnce(failing(code));
    let failure: unknown;
    try {
      placer.place(flat(hex40(1)), Buffer.from('x'), NOW);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(OperatorError);
    expect(failure).toMatchObject({ exitCode, message: expect.stringMatching(sentence) });
    vi.restoreAllMocks();
    expect(readdirSync(root)).toEqual([]);
  });

  it('is written to its end where the system takes it in pieces', () => {
    const root = makeRoot();
    const placer = new AtomicPlacer({ root, owner: null }, SUFFIX);
    const write = fs.writeSync.bind(fs) as (fd: number, bytes: Uint8Array, from: number, count: number) => number;
    vi.spyOn(fs, 'writeSync').mockImplementation(((fd: number, bytes: Uint8Array, from: number) =>
      write(fd, bytes, from, Math.min(3, bytes.length - from))) as typeof fs.writeSync);
    placer.place(flat(hex40(1)), Buffer.from('ten bytes!'), NOW - HOUR);
    expect(readFileSync(join(root, flat(hex40(1))), 'utf8')).toBe('ten bytes!');
  });
});

it('a directory in which nothing can be made is refused before the first file', () => {
  const root = makeRoot();
  rmSync(root, { recursive: true });
  expect(() => new AtomicPlacer({ root, owner: null }, SUFFIX)).toThrow(OperatorError);
});

describe('a directory in whose place a link is put while files are written', () => {
  const isLinux = process.platform === 'linux';

  it('gets no file into what the link leads to: a shard', () => {
    const [root, outside] = [makeRoot(), makeRoot()];
    const placer = new AtomicPlacer({ root, owner: null }, SUFFIX);
    const [first, second] = [`ab/ab${hex40(1).slice(2)}`, `ab/ab${hex40(2).slice(2)}`];
    expect(placer.place(first, Buffer.from('x'), NOW)).toBe('');
    fs.renameSync(join(root, 'ab'), join(root, 'away'));
    fs.symlinkSync(outside, join(root, 'ab'));
    const reason = placer.place(second, Buffer.from('x'), NOW);
    // Either into the shard that it was, or not at all.
    expect(reason === '' || reason === 'the system said ELOOP').toBe(true);
    expect(placer.place(`cd/cd${hex40(3).slice(2)}`, Buffer.from('x'), NOW)).toBe('');
    expect(placer.place(second, Buffer.from('x'), NOW)).toBe('the system said ELOOP');
    expect(readdirSync(outside)).toEqual([]);
  });

  it.skipIf(!isLinux)('gets no file into what the link leads to: the directory itself', () => {
    const [root, outside] = [makeRoot(), makeRoot()];
    const placer = new AtomicPlacer({ root, owner: null }, SUFFIX);
    fs.renameSync(root, `${root}-away`);
    fs.symlinkSync(outside, root);
    expect(placer.place(flat(hex40(1)), Buffer.from('x'), NOW)).toBe('');
    expect(readdirSync(outside)).toEqual([]);
    expect(readdirSync(`${root}-away`)).toEqual([flat(hex40(1))]);
    expect(() => new AtomicPlacer({ root, owner: null }, SUFFIX)).toThrow(OperatorError);
  });
});
