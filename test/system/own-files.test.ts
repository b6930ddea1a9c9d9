import { execFileSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyOwnFile, openOwnFile, replaceOwnFile, tryToReplace } from '../../src/system/own-files.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const root = temporaryDirectory();

describe('a file that is replaced as a whole', () => {
  it('takes the place of a link and is not written through it; nothing stays beside it', () => {
    writeFileSync(join(root, 'victim'), 'precious');
    symlinkSync(join(root, 'victim'), join(root, 'place'));
    replaceOwnFile(join(root, 'place'), 'text', 0o644);
    tryToReplace(join(root, 'place'));
    expect(readFileSync(join(root, 'victim'), 'utf8')).toBe('precious');
    expect(readFileSync(join(root, 'place'), 'utf8')).toBe('text');
    expect(statSync(join(root, 'place')).mode & 0o777).toBe(0o644);
    expect(readdirSync(root).sort()).toEqual(['place', 'victim']);
  });

  it('leaves nothing behind where it can not be put in place', () => {
    const place = temporaryDirectory();
    expect(() => replaceOwnFile(`${place}/none/x`, '')).toThrow('ENOENT');
    expect(() => replaceOwnFile(`${place}/`, '')).toThrow();
    expect(readdirSync(place)).toEqual([]);
  });

  it.each(['0', '0o777'])('has the mode that is asked for under umask %s', (umask) => {
    const place = temporaryDirectory();
    const module = new URL('../../dist/system/own-files.js', import.meta.url).href;
    const script = `const { replaceOwnFile } = await import(${JSON.stringify(module)}); process.umask(${umask});
      replaceOwnFile(${JSON.stringify(`${place}/private`)}, 'x'); replaceOwnFile(${JSON.stringify(`${place}/open`)}, 'x', 0o644);`;
    execFileSync(process.execPath, ['--input-type=module', '-e', script]);
    expect(statSync(`${place}/private`).mode & 0o777).toBe(0o600);
    expect(statSync(`${place}/open`).mode & 0o777).toBe(0o644);
  });
});

it('copies no file that a link leads to', () => {
  const place = temporaryDirectory();
  writeFileSync(`${place}/a`, 'x');
  symlinkSync(`${place}/a`, `${place}/link`);
  expect(() => copyOwnFile(`${place}/link`, `${place}/b`)).toThrow('ELOOP');
  expect(existsSync(`${place}/b`)).toBe(false);
  copyOwnFile(`${place}/a`, `${place}/b`);
  expect(readFileSync(`${place}/b`, 'utf8')).toBe('x');
});

describe('a file of a run, opened for writing', () => {
  it('is never reached through a link: it is refused to go on in, and gives way to a new file', () => {
    const place = temporaryDirectory();
    writeFileSync(`${place}/victim`, 'precious');
    symlinkSync(`${place}/victim`, `${place}/log`);
    expect(() => openOwnFile(`${place}/log`, 'append')).toThrow('ELOOP');
    closeSync(openOwnFile(`${place}/log`, 'anew'));
    expect(statSync(`${place}/log`).mode & 0o777).toBe(0o600);
    expect(readFileSync(`${place}/victim`, 'utf8')).toBe('precious');
  });

  it('is no second name of another file', () => {
    const place = temporaryDirectory();
    writeFileSync(`${place}/victim`, 'precious');
    linkSync(`${place}/victim`, `${place}/log`);
    expect(() => openOwnFile(`${place}/log`, 'append')).toThrow(expect.objectContaining({ code: 'EPERM' }));
  });

  it.skipIf(process.geteuid?.() !== 0)('is not gone on in where it is of another user', () => {
    const place = temporaryDirectory();
    writeFileSync(`${place}/log`, '');
    chownSync(`${place}/log`, 65534, 65534);
    expect(() => openOwnFile(`${place}/log`, 'append')).toThrow(expect.objectContaining({ code: 'EPERM' }));
    closeSync(openOwnFile(`${place}/log`, 'anew'));
    expect(statSync(`${place}/log`).uid).toBe(0);
  });
});
