import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/exit-codes.js';
import { findSources } from '../../src/source/sources.js';
import { temporaryDirectory } from '../temporary-directory.js';

const root = temporaryDirectory();
for (const path of ['one/sessions', 'two/sessions', 'two/other', '[x]/sessions', 'data/sessions', 'data/filestore']) {
  mkdirSync(`${root}/${path}`, { recursive: true });
}
writeFileSync(`${root}/file`, '');
symlinkSync('one/sessions', `${root}/link`);

const isRoot = process.getuid?.() === 0;

describe('the sources of a run', () => {
  it('are the directories that the operator names, absolute', async () => {
    const nearby = relative(process.cwd(), `${root}/one/sessions`);
    expect(await findSources([nearby, `${root}/two/sessions/`])).toEqual([
      `${root}/one/sessions`,
      `${root}/two/sessions`,
    ]);
  });

  it('are what a pattern matches, sorted', async () => {
    expect(await findSources([`${root}/{two,one}/sessions`])).toEqual([`${root}/one/sessions`, `${root}/two/sessions`]);
    expect(await findSources([`${root}/*/sess*`])).toHaveLength(4);
  });

  it('are directories only, where a pattern matches files too', async () => {
    expect(await findSources([`${root}/{file,one}`])).toEqual([`${root}/one`]);
  });

  it('may have a name that looks like a pattern', async () => {
    expect(await findSources([`${root}/[x]/sessions`])).toEqual([`${root}/[x]/sessions`]);
  });

  it('are each taken once, by whatever names they come', async () => {
    const names = [`${root}/link`, `${root}/one/sessions`, `${root}/one/../one/sessions`, `${root}/o*/sessions`];
    expect(await findSources(names)).toEqual([`${root}/link`]);
  });

  it.each([
    ['that does not exist', 'gone', 'gone does not exist'],
    ['below a file', 'file/sessions', 'file/sessions does not exist'],
    ['that is a file', 'file', 'file is a file: name the session directory that holds it'],
    ['that nothing matches', 'no-*/sessions', 'no directory matches'],
    ["that is Odoo's data directory", 'data', `data is Odoo's data directory: name ${root}/data/sessions`],
  ])('may not be one %s', async (_what, path, message) => {
    const found = findSources([`${root}/${path}`]);
    await expect(found).rejects.toMatchObject({ name: 'OperatorError', exitCode: EXIT.usage });
    await expect(found).rejects.toThrow(message);
  });

  it('are all checked before the operator hears of the first that is wrong', async () => {
    const found = findSources([`${root}/gone`, `${root}/one/sessions`, `${root}/file`]);
    await expect(found).rejects.toThrow(/gone does not exist.*; .*file is a file/);
  });

  it.skipIf(isRoot)('must be readable by this user', async () => {
    mkdirSync(`${root}/closed`);
    chmodSync(`${root}/closed`, 0o000);
    const found = findSources([`${root}/closed`]);
    await expect(found).rejects.toMatchObject({ exitCode: EXIT.permission });
    await expect(found).rejects.toThrow('closed may not be read by this user');
  });
});
