import { mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Cli, type Summary } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, pickledLogin, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const state = join(work, 'state');

it('sessions where Odoo has no place for them are counted, shown and never end with 0', async () => {
  const store = new SessionStore(work);
  for (let n = 0; n < 5; n++) store.hashed(urlsafeSid(n), jsonText(1));
  const elsewhere = mkdtempSync(join(work, 'elsewhere-'));
  const behindLink = urlsafeSid(70);
  writeFileSync(join(elsewhere, behindLink), jsonText(1));
  symlinkSync(elsewhere, store.entry(behindLink.slice(0, 2)));
  store.file(`${urlsafeSid(1).slice(0, 2)}/${urlsafeSid(90)}`, jsonText(1));
  store.file(urlsafeSid(91), jsonText(1));
  store.file(`${hexSid(2).slice(0, 2)}/werkzeug_${hexSid(2)}.sess`, pickledLogin(1));
  mkdirSync(store.entry('old-sessions'));
  mkdirSync(`${store.directory}/old-sessions/ab`);
  writeFileSync(`${store.directory}/old-sessions/ab/ab${urlsafeSid(3).slice(2)}`, jsonText(1));
  store.file('README', 'no session');

  const misplaced = 5;
  const words = [store.directory, '--to', redis.url, '--state-dir', state];
  const check = async (command: readonly string[]) => {
    const ended = await cli.run([...command, ...words, '--json']);
    expect(ended.code, ended.stderr).toBe(3);
    expect(ended.summary as Summary & { misplaced: number }).toMatchObject({ misplaced, outcomes: { foreign: 6 } });
    const told = ended.lines.filter(({ type }) => type === 'misplaced');
    expect(told).toHaveLength(misplaced);
    expect(ended.lines).toContainEqual(
      expect.objectContaining({ type: 'warning', message: expect.stringMatching(/^5 entries are foreign/) }),
    );
    return ended;
  };
  expect((await check(['migrate'])).summary.outcomes.written).toBe(5);
  const list = readFileSync(join(state, 'rejects.jsonl'), 'utf8');
  expect(list.trim().split('\n')).toHaveLength(misplaced);
  for (const sid of [urlsafeSid(90), urlsafeSid(91), hexSid(2), behindLink]) expect(list).not.toContain(sid);
  await check(['sync']);
  await check(['verify']);

  expect(list).toContain('a link in the place of a shard');

  const text = await cli.run(['migrate', ...words]);
  expect(text.stderr).toContain('5 entries are foreign');
  expect(text.stdout).toMatch(/Odoo does not look|links are not followed/);
});
