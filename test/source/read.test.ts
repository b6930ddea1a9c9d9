import { createFsFromVolume, Volume } from 'memfs';
import { describe, expect, it } from 'vitest';
import { SessionReader } from '../../src/source/read.js';
import type { FileSystem } from '../../src/system/file-system.js';

const memory = (): FileSystem & typeof import('node:fs') =>
  createFsFromVolume(Volume.fromJSON({ '/store/some': 'a session', '/store/none': '' })) as never;

const textOf = (reader: SessionReader): string => reader.buffer.toString('latin1', 0, reader.length);

const asError = (code: string): Error => Object.assign(new Error(code), { code });

/** A file system in which one call fails with a code. */
function failing(call: keyof FileSystem, code: string): FileSystem {
  const fail = () => {
    throw asError(code);
  };
  return { ...memory(), [call]: fail };
}

/** Says how many descriptors are open. */
function counting(fileSystem: FileSystem): FileSystem & { open: number } {
  const counted = {
    ...fileSystem,
    open: 0,
    openSync: (...args: Parameters<FileSystem['openSync']>) => {
      const fd = fileSystem.openSync(...args);
      counted.open++;
      return fd;
    },
    closeSync: (fd: number) => {
      counted.open--;
      fileSystem.closeSync(fd);
    },
  };
  return counted as FileSystem & { open: number };
}

describe('reading a session file', () => {
  it('gives its bytes and the time of its last save', () => {
    const fileSystem = memory();
    fileSystem.utimesSync('/store/some', 1, 1_700_000_000.123);
    const reader = new SessionReader(fileSystem, 100);
    expect(reader.read('/store/some')).toBeNull();
    expect([textOf(reader), reader.mtimeMs]).toEqual(['a session', 1_700_000_000_123]);
  });

  it('is empty for a file of no bytes', () => {
    expect(new SessionReader(memory(), 100).read('/store/none')).toBe('empty');
  });

  it('takes a file of exactly the cap, and rejects one byte more without reading it', () => {
    expect(new SessionReader(memory(), 9).read('/store/some')).toBeNull();
    const unread = new SessionReader(failing('readSync', 'EIO'), 8);
    expect([unread.read('/store/some'), unread.length]).toEqual(['too-large', 0]);
  });

  it('never holds more than the cap, however the sizes come', () => {
    const fileSystem = memory();
    const reader = new SessionReader(fileSystem, 100_000);
    for (const size of [10, 20_000, 99_999, 100_000, 5, 100_001]) {
      fileSystem.writeFileSync('/store/sized', 'x'.repeat(size));
      expect(reader.read('/store/sized')).toBe(size > 100_000 ? 'too-large' : null);
      if (size <= 100_000) expect(textOf(reader)).toBe('x'.repeat(size));
      expect(reader.buffer.length).toBeLessThanOrEqual(100_000);
    }
  });

  it('forgets the file before', () => {
    const reader = new SessionReader(memory(), 100);
    reader.read('/store/some');
    expect(reader.read('/store/gone')).toBe('vanished');
    expect(reader).toMatchObject({ length: 0, mtimeMs: 0 });
  });

  it.each([
    ['ENOENT', 'vanished'],
    ['ENOTDIR', 'vanished'],
    ['ESTALE', 'vanished'],
    ['ELOOP', 'foreign'],
    ['ENXIO', 'foreign'],
    ['EACCES', 'unreadable'],
    ['EPERM', 'unreadable'],
    ['EIO', 'unreadable'],
    ['EMFILE', 'unreadable'],
  ])('that cannot be opened for %s is %s', (code, outcome) => {
    const reader = new SessionReader(failing('openSync', code), 100);
    expect(reader.read('/store/some')).toBe(outcome);
    expect(reader.failure).toBe(code);
  });

  it('that fails on the way is unreadable, and the file is closed', () => {
    for (const call of ['fstatSync', 'readSync'] as const) {
      const fileSystem = counting(failing(call, 'EIO'));
      expect(new SessionReader(fileSystem, 100).read('/store/some')).toBe('unreadable');
      expect(fileSystem.open).toBe(0);
    }
  });

  it('closes every file it opens', () => {
    const fileSystem = counting(memory());
    const reader = new SessionReader(fileSystem, 5);
    for (const path of ['/store/some', '/store/none', '/store/gone', '/store']) reader.read(path);
    expect(fileSystem.open).toBe(0);
  });

  it('goes on when the system gives a part of the bytes', () => {
    const whole = memory();
    const readSync = (fd: number, buffer: Buffer, offset: number, length: number, at: null) =>
      whole.readSync(fd, buffer, offset, Math.min(2, length), at);
    const reader = new SessionReader({ ...whole, readSync } as unknown as FileSystem, 100);
    expect(reader.read('/store/some')).toBeNull();
    expect(textOf(reader)).toBe('a session');
  });

  it('gives what is left of a file that was cut short between fstat and read', () => {
    for (const [left, outcome] of [
      ['a se', null],
      ['', 'empty'],
    ] as const) {
      const fileSystem = memory();
      const readSync = (...args: Parameters<FileSystem['readSync']>) => {
        fileSystem.truncateSync('/store/some', left.length);
        return fileSystem.readSync(...args);
      };
      const reader = new SessionReader({ ...fileSystem, readSync } as FileSystem, 100);
      expect(reader.read('/store/some')).toBe(outcome);
      expect(textOf(reader)).toBe(left);
    }
  });

  it('takes mtime and bytes from one file, even when Odoo renames a newer one over it', () => {
    const fileSystem = memory();
    fileSystem.utimesSync('/store/some', 1, 1000);
    fileSystem.writeFileSync('/store/tmp.__wz_sess', 'a newer one');
    const openSync = (...args: Parameters<FileSystem['openSync']>) => {
      const fd = fileSystem.openSync(...args);
      fileSystem.renameSync('/store/tmp.__wz_sess', '/store/some');
      return fd;
    };
    const reader = new SessionReader({ ...fileSystem, openSync } as FileSystem, 100);
    expect(reader.read('/store/some')).toBeNull();
    expect([textOf(reader), reader.mtimeMs]).toEqual(['a session', 1_000_000]);
    expect(fileSystem.readFileSync('/store/some', 'utf8')).toBe('a newer one');
  });

  it('lets a fault of the program through', () => {
    const broken = { ...memory(), fstatSync: () => null as never };
    expect(() => new SessionReader(broken, 100).read('/store/some')).toThrow(TypeError);
  });
});
