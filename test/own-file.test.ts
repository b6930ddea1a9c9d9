import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyOwnFile, replaceOwnFile, tryToReplace } from '../src/own-file.js';
import { temporaryDirectory } from './temporary-directory.js';

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
    const module = new URL('../dist/own-file.js', import.meta.url).href;
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
