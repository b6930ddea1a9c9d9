import fs, { chmodSync, chownSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { prepareStateDirectory, refusePlacesInside } from '../../src/system/own-files.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const root = temporaryDirectory();

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

describe('a state directory', () => {
  it('is made for its owner alone', () => {
    prepareStateDirectory(join(root, 'a/b'));
    expect(statSync(join(root, 'a/b')).mode & 0o777).toBe(0o700);
  });

  it('is refused where everybody may write to it', () => {
    mkdirSync(join(root, 'open'));
    chmodSync(join(root, 'open'), 0o777);
    expect(() => prepareStateDirectory(join(root, 'open'))).toThrow(
      expect.objectContaining({ exitCode: EXIT.permission, message: expect.stringContaining('others may write to') }),
    );
  });

  it.skipIf(process.geteuid?.() !== 0).each([
    ['directory', 'of-another'],
    ['directory behind a link', 'link-to-another'],
  ])('is refused where it is the %s of another user', (_, name) => {
    const other = join(root, `${name}-place`);
    mkdirSync(other, { mode: 0o700 });
    chownSync(other, 65534, 65534);
    symlinkSync(other, join(root, name));
    expect(() => prepareStateDirectory(name === 'of-another' ? other : join(root, name))).toThrow(
      expect.objectContaining({ exitCode: EXIT.permission, message: expect.stringContaining('belongs to user 65534') }),
    );
  });

  it.each([
    ['ENOSPC', EXIT.temporary],
    ['EDQUOT', EXIT.temporary],
    ['EROFS', EXIT.temporary],
    ['EIO', EXIT.temporary],
    ['EACCES', EXIT.permission],
    ['EPERM', EXIT.permission],
  ])('that says %s ends with %i and a sentence', (code, exitCode) => {
    vi.spyOn(fs, 'mkdirSync').mockImplementation(() => {
      throw Object.assign(new Error(code), { code, errno: -1, syscall: 'mkdir' });
    });
    syncBuiltinESMExports();
    const act = () => prepareStateDirectory(join(root, 'x'));
    expect(act).toThrow(expect.objectContaining({ exitCode, message: expect.stringContaining(code) }));
  });

  it('may not lie in a source, by whatever name, nor may any other file of the run', () => {
    mkdirSync(join(root, 'store'));
    symlinkSync(join(root, 'store'), join(root, 'link'));
    for (const place of ['store', 'store/x/y', 'link/run.log']) {
      expect(() => refusePlacesInside([join(root, 'store')], { '--log-file': join(root, place) })).toThrow(
        expect.objectContaining({ exitCode: EXIT.usage }),
      );
    }
    refusePlacesInside([join(root, 'store')], { '--log-file': join(root, 'store-2/x'), '--report': null });
  });
});
