import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { EntryCount as Count, CountRequest } from '../../src/source/entry-count.js';
import { optionsOfLine } from '../support/options.js';
import { hexSid, jsonText, pickledLogin, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

// The thread is JavaScript: only what is built has it.
const BUILT = new URL('../../dist/source/entry-count.js', import.meta.url).href;
const { EntryCount } = (await import(BUILT)) as { EntryCount: new (request: CountRequest, delayMs: number) => Count };

const work = makeWorkspace();

it('counts every entry of flat and hashed stores but the shards, in a thread of its own', async () => {
  const store = new SessionStore(work);
  for (let n = 0; n < 30; n++) store.flat(hexSid(n), pickledLogin(n + 1));
  for (let n = 0; n < 70; n++) store.hashed(urlsafeSid(n), jsonText(1));
  writeFileSync(join(store.directory, 'README'), '');
  const { application } = optionsOfLine({ to: 'redis://localhost' }, {}, 'migrate', [store.directory]).pass.lanes;
  const count = new EntryCount({ sources: [store.directory], application }, 0);
  await until(() => count.isComplete);
  expect(count.entries).toBe(101);
  count.stop();
});

it('lists some of many shards, and says that its number is an estimate', async () => {
  const store = new SessionStore(work);
  for (let n = 0; n < 30; n++) store.flat(hexSid(n), pickledLogin(n + 1));
  for (let n = 0; n < 1200; n++) store.hashed(urlsafeSid(n), jsonText(1));
  const shards = readdirSync(store.directory).filter((name) => name.length === 2);
  const { application } = optionsOfLine({ to: 'redis://localhost' }, {}, 'migrate', [store.directory]).pass.lanes;
  const count = new EntryCount({ sources: [store.directory], application }, 0);
  await until(() => count.isComplete);
  expect(shards.length).toBeGreaterThan(128);
  expect(count.isExact).toBe(false);
  expect(count.entries).toBeGreaterThan(1230 * 0.5);
  expect(count.entries).toBeLessThan(1230 * 2);
  count.stop();
});

it('never claims to be complete where a store cannot be listed', async () => {
  const { application } = optionsOfLine({ to: 'redis://localhost' }, {}, 'migrate', ['/nowhere']).pass.lanes;
  const count = new EntryCount({ sources: [join(work, 'nowhere')], application }, 0);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(count).toMatchObject({ entries: 0, isComplete: false });
  count.stop();
});
