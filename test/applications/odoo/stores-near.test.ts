import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wrongDirectoryReason } from '../../../src/applications/odoo/stores-near.js';
import { EXIT } from '../../../src/errors.js';
import { findSources } from '../../../src/source/sources.js';
import { flat, hashed, hex40, urlsafe84 } from '../../support/samples.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const root = temporaryDirectory();
let places = 0;

/** A directory with such files. */
function place(...files: readonly string[]): string {
  const directory = join(root, `place-${places++}`);
  mkdirSync(directory);
  for (const file of files) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    if (!file.endsWith('/')) writeFileSync(join(directory, file), '{}');
  }
  return directory;
}

const refusal = async (source: string) => {
  const found = findSources([source], () => {}, wrongDirectoryReason);
  await expect(found).rejects.toMatchObject({ name: 'OperatorError', exitCode: EXIT.usage });
  return found.catch((error: Error) => error.message.replaceAll(root, ''));
};

const [sid, other] = [urlsafe84(1), hex40(2)];

describe('a directory near the session directory', () => {
  it('that holds it is told from it, without the filestore too', async () => {
    const data = place(`sessions/${hashed(sid)}`, 'addons/17.0/readme');
    expect(await refusal(data)).toBe(`/place-0 is Odoo's data directory: name /place-0/sessions`);
    const flatData = place(`sessions/${flat(other)}`);
    expect(await refusal(`${flatData}/`)).toContain('name /place-1/sessions');
    symlinkSync(flatData, join(root, 'linked-data'));
    expect(await refusal(join(root, 'linked-data'))).toContain('name /linked-data/sessions');
  });

  it('that is a shard of it is told from it, whatever the letters on the disk', async () => {
    const store = place(hashed(sid), hashed(other), `Qq/qQ${sid.slice(2)}`);
    for (const shard of [sid.slice(0, 2), other.slice(0, 2), 'Qq']) {
      expect(await refusal(`${store}/${shard}`)).toContain(
        `is one shard of a session directory: name the directory above`,
      );
    }
    // The directory above a link is another one.
    const link = join(root, 'linked-shard');
    symlinkSync(join(store, sid.slice(0, 2)), link);
    expect(await refusal(link)).toContain(`name the directory above, ${store.slice(root.length)}`);
  });

  it('that stands above it, or above several, leads to it', async () => {
    const one = place(`odoo/sessions/${hashed(sid)}`);
    expect(await refusal(one)).toMatch(/holds no sessions itself: name \/place-\d+\/odoo\/sessions$/);
    const many = place(`a/sessions/${hashed(sid)}`, `b/sessions/${hashed(other)}`, `c/data/sessions/${flat(other)}`);
    expect(await refusal(many)).toMatch(/name \/place-\d+\/[ab]\/sessions, and 2 more below it/);
    const home = place(`odoo/.local/share/Odoo/sessions/${hashed(sid)}`);
    expect(await refusal(home)).toContain('/odoo/.local/share/Odoo/sessions');
  });

  it('that is the filestore is told from it, though it looks like a store of Odoo 16', async () => {
    const data = place(`filestore/shop/${hashed(other)}`, `sessions/${hashed(sid)}`);
    for (const path of ['filestore', 'filestore/shop']) {
      expect(await refusal(`${data}/${path}`)).toMatch(/is of Odoo's attachments: name .*\/sessions$/);
    }
  });

  it('that has nothing to do with sessions is refused', async () => {
    expect(await refusal(place('module/__init__.py', 'readme'))).toContain('holds 2 other things and no session');
  });

  it('is taken where it may be one: empty, new, with what a file system or an editor leaves, or by a link', async () => {
    const store = place(hashed(sid));
    symlinkSync(store, join(root, 'ab'));
    const others = [
      place(),
      place('lost+found/', '.gitkeep'),
      place('ab/'),
      place(`other/${hashed(sid)}`, flat(other)),
    ];
    for (const one of [...others, store, join(root, 'ab')])
      expect(await findSources([`${one}/`], () => {}, wrongDirectoryReason)).toEqual([one]);
  });
});
