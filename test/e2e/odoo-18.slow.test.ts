import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { CREATE_TIME, hexSid, jsonText, pickledLogin, SessionStore, urlsafeSid } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const TRACE =
  ', "_trace": [{"platform": "linux", "browser": "fake", "ip_address": "192.0.2.1", "first_activity": 1, "last_activity": 2}]';
const SESSIONS = 10;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
beforeEach(() => redis.flush());

function storeOf(length: 84 | 86, more: string): SessionStore {
  const store = new SessionStore(work);
  for (let n = 0; n < SESSIONS; n++) store.hashed(urlsafeSid(n, length), jsonText(n + 1, 'shop', more));
  return store;
}
const odoo18 = storeOf(84, TRACE);
const odoo19 = storeOf(84, TRACE + CREATE_TIME);
const master = storeOf(86, CREATE_TIME);
const odoo17 = new SessionStore(work);
for (let n = 0; n < SESSIONS; n++) odoo17.hashed(hexSid(n), pickledLogin(n + 1));

const migrate = (store: SessionStore, ...words: string[]) =>
  cli.run(['migrate', store.directory, '--to', redis.url, '--json', ...words]);

async function expectRefusal(store: SessionStore, sentence: RegExp, ...words: string[]) {
  const { code, summary, errorLines } = await migrate(store, ...words);
  expect(code).toBe(7);
  expect(summary).toMatchObject({ exitCode: 7, listed: 0, stopped: expect.stringMatching(sentence) });
  expect(errorLines).toEqual([expect.stringMatching(sentence)]);
  expect(await redis.size()).toBe(0);
}

async function expectWritten(store: SessionStore, ...words: string[]) {
  const { summary } = await migrate(store, ...words);
  expect(summary).toMatchObject({ exitCode: 0, listed: SESSIONS });
  expect(summary.outcomes).toEqual({ written: SESSIONS });
}

describe('sessions of Odoo 18', () => {
  const WHAT_TO_PATCH = /Odoo 18.*camptocamp.*is_valid_key.*generate_key.*--sids 84/;

  it('are refused for camptocamp with what to patch, also in a dry run', async () => {
    await Promise.all([
      expectRefusal(odoo18, WHAT_TO_PATCH),
      expectRefusal(odoo18, WHAT_TO_PATCH, '--dry-run'),
      expectRefusal(odoo18, WHAT_TO_PATCH, '--profile', 'camptocamp', '--prefix', 'shop'),
    ]);
  });

  it('are moved for camptocamp when the operator vouches for the patch', async () => {
    await expectWritten(odoo18, '--sids', '84');
  });

  it.each(['mangono', 'muk', 'generic'])('are moved for %s, which accepts them', async (profile) => {
    await expectWritten(odoo18, '--profile', profile);
  });

  it.each(['smile', 'keerati'])('are refused for %s, which never accepts such ids', async (profile) => {
    await expectRefusal(odoo18, new RegExp(`84 characters.*${profile} accepts only 40`), '--profile', profile);
  });

  it('are shown by an audit, with the refusal as a warning', async () => {
    const { code, lines, summary } = await cli.run(['audit', odoo18.directory, '--json']);
    expect(code).toBe(0);
    expect(summary.outcomes).toEqual({ written: SESSIONS });
    const warnings = lines.filter(({ type }) => type === 'warning').map(({ message }) => message);
    expect(warnings).toEqual([expect.stringMatching(/migrate would be refused \(exit 7\)/)]);
    expect(warnings[0]).toMatch(WHAT_TO_PATCH);

    const smile = await cli.run(['audit', odoo18.directory, '--profile', 'smile']);
    expect(smile.code).toBe(0);
    expect(smile.stderr).toMatch(/^warning: migrate would be refused/m);
    expect(smile.stdout).toMatch(/dead\s+10/);
  });

  it('beside older ones that no reader of 84 accepts are moved, and those of a dead kind counted', async () => {
    const mixed = new SessionStore(work);
    for (let n = 0; n < 3; n++) mixed.hashed(hexSid(n), pickledLogin(n + 1));
    for (let n = 0; n < 4; n++) mixed.hashed(urlsafeSid(n), jsonText(n + 1, 'shop', TRACE));
    const { summary } = await migrate(mixed, '--sids', '84');
    expect(summary).toMatchObject({ exitCode: 0, listed: 7 });
    expect(summary.outcomes).toEqual({ dead: 3, written: 4 });
    const smile = await migrate(mixed, '--profile', 'smile');
    expect(smile.summary.outcomes).toEqual({ dead: 4, written: 3 });
  });
});

describe('a directory that several Odoos share', () => {
  const shared = new SessionStore(work);
  for (let n = 0; n < 3; n++) shared.hashed(hexSid(n), pickledLogin(n + 1, 'seventeen'));
  for (let n = 0; n < 4; n++) shared.hashed(urlsafeSid(n), jsonText(n + 1, 'eighteen', TRACE));

  it('is refused for camptocamp as long as sessions of Odoo 18 would move', async () => {
    await expectRefusal(shared, /Odoo 18/);
    await expectRefusal(shared, /Odoo 18/, '--odoo-db', 'eighteen');
  });

  it('is not refused when the sessions of Odoo 18 stay behind', async () => {
    const { summary } = await migrate(shared, '--odoo-db', 'seventeen');
    expect(summary.outcomes).toEqual({ written: 3, 'other-db': 4 });
  });
});

describe('sessions of another Odoo', () => {
  it('19 are moved for camptocamp, whose module accepts them', async () => {
    await expectWritten(odoo19);
    expect((await cli.run(['audit', odoo19.directory])).stderr).not.toMatch(/refused/);
  });

  it('17 are moved for camptocamp, and refused where only 84 characters are accepted', async () => {
    await expectWritten(odoo17);
    await redis.flush();
    await expectRefusal(odoo17, /40 characters.*accepts only 84/, '--sids', '84');
  });

  it('after 19 are moved for camptocamp of 20, and refused for that of 19', async () => {
    await expectRefusal(master, /86 characters/, '--profile', 'camptocamp-19');
    await expectWritten(master);
    await redis.flush();
    await expectWritten(master, '--profile', 'generic');
  });
});
