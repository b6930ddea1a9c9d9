import { createFsFromVolume, Volume } from 'memfs';
import { describe, expect, it } from 'vitest';
import { hasSessionFile } from '../../src/source/read.js';
import type { FileSystem } from '../../src/system/file-system.js';
import { flat, hashed, hex40, ODOO } from '../support/samples.js';

const SID = hex40(1);
const storesOf = (...paths: string[]): FileSystem =>
  createFsFromVolume(Volume.fromJSON(Object.fromEntries(paths.map((path) => [path, 'x'])))) as never;

describe('whether a session has a file', () => {
  it('is told from both of its names, in every store', () => {
    const disk = storesOf(`/a/${flat(SID)}`, `/b/${hashed(hex40(2))}`);
    expect([SID, hex40(2), hex40(3)].map((sid) => hasSessionFile(disk, ['/a', '/b'], sid, ODOO))).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('is yes also where Odoo moves the file into its shard between two looks', () => {
    const disk = storesOf(`/a/${flat(SID)}`, '/a/readme') as FileSystem & typeof import('node:fs');
    let looks = 0;
    const moving: Pick<FileSystem, 'lstatSync'> = {
      lstatSync: ((...args: Parameters<FileSystem['lstatSync']>) => {
        const found = disk.lstatSync(...args);
        if (looks++ === 0) {
          disk.mkdirSync(`/a/${SID.slice(0, 2)}`);
          disk.renameSync(`/a/${flat(SID)}`, `/a/${hashed(SID)}`);
        }
        return found;
      }) as FileSystem['lstatSync'],
    };
    expect(hasSessionFile(moving, ['/a'], SID, ODOO)).toBe(true);
  });

  it('is yes where it cannot be looked at', () => {
    const fail = () => {
      throw Object.assign(new Error('EACCES'), { code: 'EACCES' });
    };
    expect(hasSessionFile({ lstatSync: fail as never }, ['/a'], SID, ODOO)).toBe(true);
  });
});
