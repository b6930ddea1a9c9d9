import {
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EXIT, OperatorError } from '../../src/errors.js';
import { prepareDirectory } from '../../src/export/directory.js';
import { flat, hashed, hex40, ODOO, urlsafe84 } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const temporary = realpathSync(temporaryDirectory());
const isRoot = process.geteuid?.() === 0;
const CHOICE = { application: ODOO, owner: null, force: false, isDryRun: false };
const OWNER = { uid: 1234, gid: 4321 };

function directoryWith(...paths: string[]): string {
  const root = mkdtempSync(join(temporary, 'dir-'));
  for (const path of paths) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    if (path.endsWith('/')) mkdirSync(join(root, path), { recursive: true });
    else writeFileSync(join(root, path), '');
  }
  return root;
}

function refusal(path: string, choice: Partial<typeof CHOICE> = {}): OperatorError {
  try {
    prepareDirectory(path, { ...CHOICE, ...choice });
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

afterEach(() => vi.restoreAllMocks());

describe('a directory to export to', () => {
  it.each([
    ['empty', []],
    ['with the mark of a new file system', ['lost+found/']],
    ['with flat sessions', ['README', flat(hex40(1))]],
    ['with hashed sessions', ['README', hashed(hex40(1))]],
    ['with hashed sessions of Odoo 18', [hashed(urlsafe84(1))]],
    ['with saves that were never finished', ['tmpabcdefgh.__wz_sess']],
  ])('is taken: one %s', (_, paths) => {
    const root = directoryWith(...paths);
    expect(prepareDirectory(root, CHOICE).root).toBe(root);
  });

  it.each([
    ['a home', ['.bashrc', 'notes/', 'a.txt'], /is not empty and holds no sessions: name an empty one, or add --force/],
    ["Odoo's data directory", ['sessions/', 'filestore/', 'addons/'], /holds no sessions: name .*\/sessions$/],
    ['files named like shards', ['ab', 'cd'], /holds no sessions/],
    ['uploads alone', [`werkzeug_${hex40(1)}_${'0'.repeat(32)}.file`], /holds no sessions/],
  ])('is refused: %s, unless forced', (_, paths, sentence) => {
    const root = directoryWith(...paths);
    expect(refusal(root)).toMatchObject({ exitCode: EXIT.refused, message: expect.stringMatching(sentence) });
    expect(prepareDirectory(root, { ...CHOICE, force: true }).root).toBe(root);
  });

  it('may be a symlink to one', () => {
    const root = directoryWith(flat(hex40(1)));
    symlinkSync(root, `${root}-link`);
    expect(prepareDirectory(`${root}-link`, CHOICE).root).toBe(root);
  });

  it('is made where its parent is there, for its owner alone, as Odoo does', () => {
    const root = join(directoryWith(), 'sessions');
    const umask = process.umask(0o022);
    expect(prepareDirectory(root, CHOICE).root).toBe(root);
    process.umask(umask);
    expect(statSync(root).mode & 0o7777).toBe(0o700);
  });

  it('is not made in a dry run, nor where its parent is missing', () => {
    const root = join(directoryWith(), 'sessions');
    expect(prepareDirectory(root, { ...CHOICE, isDryRun: true }).root).toBe(root);
    expect(readdirSync(join(root, '..'))).toEqual([]);
    expect(refusal(join(root, 'x'))).toMatchObject({
      exitCode: EXIT.usage,
      message: expect.stringMatching(/does not exist/),
    });
  });

  it('is no file', () => {
    const file = join(directoryWith('file'), 'file');
    expect(refusal(file)).toMatchObject({ exitCode: EXIT.usage, message: expect.stringMatching(/is a file/) });
  });

  it.skipIf(!isRoot)('gives its owner to the files, and a new one is its parent owner’s', () => {
    const root = directoryWith();
    chownSync(root, OWNER.uid, OWNER.gid);
    expect(prepareDirectory(root, CHOICE).owner).toEqual(OWNER);
    expect(prepareDirectory(join(root, 'new'), CHOICE).owner).toEqual(OWNER);
    expect(statSync(join(root, 'new'))).toMatchObject(OWNER);
    const other = { uid: 7, gid: 8 };
    expect(prepareDirectory(join(root, 'new'), { ...CHOICE, owner: other as never }).owner).toEqual(other);
  });

  it('of another user is refused to one who is not root', () => {
    const root = directoryWith();
    vi.spyOn(process, 'geteuid').mockReturnValue(statSync(root).uid + 4321);
    expect(refusal(root)).toMatchObject({
      exitCode: EXIT.permission,
      message: expect.stringMatching(/belongs to user \d+, .* run as that user or as root/),
    });
    expect(prepareDirectory(root, { ...CHOICE, owner: OWNER as never }).owner).toEqual(OWNER);
    vi.spyOn(process, 'geteuid').mockReturnValue(statSync(root).uid);
    if (statSync(root).uid !== 0) expect(prepareDirectory(root, CHOICE).owner).toBeNull();
  });
});
