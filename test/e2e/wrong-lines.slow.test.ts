import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { jsonText, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);

/** Words of the library that reads the line, which mean nothing to whoever typed it. */
const FOREIGN_WORDS = /non-option|Not enough|positional|Unknown argument|Invalid values|yargs|required argument/i;

it.each<[string, RegExp]>([
  ['migrate', /name the source of migrate: see sess2redis migrate --help/],
  ['export --odoo 17', /name the directory of export/],
  ['detect here --to redis://r', /detect takes no words beside its options, so leave out here/],
  ['explain one two', /explain takes one session, so leave out two/],
  ['migrate /s --to', /--to has no value: write one behind it/],
  ['verify /s --to redis://r --every 5m', /--every is no option of verify/],
  ['migrat /s --to redis://r', /unknown command migrat: did you mean migrate\?/],
  ['profiles --tu redis://r', /unknown option --tu/],
])('a wrong line is told in our words: %s', async (line, sentence) => {
  const { code, stderr } = await cli.run(line.split(' '));
  expect(code, stderr).toBe(2);
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toMatch(FOREIGN_WORDS);
});

it('verify under a prefix that has no key asks about the one that has, unless keys on record are gone', async () => {
  const store = new SessionStore(work);
  for (let n = 0; n < 20; n++) store.hashed(urlsafeSid(n), jsonText(1));
  const words = [store.directory, '--to', redis.url, '--sids', '84'];
  const migrated = await cli.run(['migrate', ...words, '--prefix', 'prod']);
  expect(migrated.code, migrated.stderr).toBe(0);

  const wrong = await cli.run(['verify', ...words, '--prefix', 'prdo', '--json']);
  expect(wrong.summary).toMatchObject({ exitCode: 7, outcomes: { missing: 20 } });
  expect(wrong.stdout).toContain('say --prefix prod if these are meant');
  expect((await cli.run(['verify', ...words, '--prefix', 'prod'])).code).toBe(0);

  await cli.run(['migrate', ...words, '--prefix', 'second']);
  for (const key of await redis.client().keys('session::second:*')) await redis.client().del(key);
  expect((await cli.run(['verify', ...words, '--prefix', 'second'])).code).toBe(4);
}, 180_000);
