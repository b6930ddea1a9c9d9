import fs, { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { relative } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { wrongDirectoryReason } from '../../src/applications/odoo/stores-near.js';
import { EXIT, OperatorError } from '../../src/errors.js';
import { findSources as find } from '../../src/source/sources.js';
import { SYSTEM_ERRORS, systemError } from '../support/system-errors.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const findSources = (patterns: readonly string[], onPassedOver?: (warning: string) => void) =>
  find(patterns, onPassedOver, wrongDirectoryReason);

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

describe('a source that cannot be looked at', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  /** Makes a call of node:fs fail for one path, as a mount does that has lost its server. */
  function failAt(path: string, error: string): void {
    const refuse = (name: 'statSync' | 'accessSync') => {
      const real = fs[name] as (...all: unknown[]) => unknown;
      vi.spyOn(fs, name).mockImplementation(((...all: unknown[]) => {
        if (String(all[0]).startsWith(path)) throw systemError(error, 'stat', path);
        return real(...all);
      }) as never);
    };
    for (const name of ['statSync', 'accessSync'] as const) refuse(name);
    for (const name of ['readdir', 'stat', 'lstat'] as const) {
      const real = fs[name] as (...all: unknown[]) => unknown;
      vi.spyOn(fs, name).mockImplementation(((...all: unknown[]) => {
        if (!String(all[0]).startsWith(path)) return real(...all);
        return (all.at(-1) as (error: Error) => void)(systemError(error, name, path));
      }) as never);
    }
    syncBuiltinESMExports();
  }

  it.each(SYSTEM_ERRORS)('is told of in one sentence, by its name and in a pattern: %s', async (error) => {
    failAt(`${root}/one`, error);
    for (const pattern of [`${root}/one/sessions`, `${root}/o*/sessions`]) {
      const failure: unknown = await findSources([pattern]).catch((reason: unknown) => reason);
      expect(failure, pattern).toBeInstanceOf(OperatorError);
      expect((failure as OperatorError).exitCode).not.toBe(EXIT.unexpected);
    }
  });

  it.each(['ENOTCONN', 'ESTALE', 'EHOSTDOWN'])(
    'because its mount is dead may be there the next time: %s',
    async (error) => {
      failAt(`${root}/one`, error);
      const sentence = {
        exitCode: EXIT.temporary,
        message: expect.stringContaining(`said ${error}: mount it again, then run`),
      };
      await expect(findSources([`${root}/one/sessions`])).rejects.toMatchObject(sentence);
      await expect(findSources([`${root}/*/sessions`])).rejects.toMatchObject(sentence);
    },
  );

  it('ends no glob beside it where it is only closed, and is told of', async () => {
    failAt(`${root}/one`, 'EACCES');
    const warnings: string[] = [];
    expect(await findSources([`${root}/{one,two}/sessions`], (warning) => warnings.push(warning))).toEqual([
      `${root}/two/sessions`,
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(/one(\/sessions)? may not be looked into by this user: what .* is left out/),
    ]);
    await expect(findSources([`${root}/o*/sessions`])).rejects.toMatchObject({ exitCode: EXIT.permission });
  });
});
