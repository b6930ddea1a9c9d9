import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CutoverShop, SESSION } from '../support/cutover-shop.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, jsonText, pickledLogin } from '../support/store.js';
import { makeWorkspace } from '../support/workspace.js';

const work = makeWorkspace();
const redis = RedisServer.forFile(work, ['--databases', '64']);
let databases = 0;
const newShop = () => new CutoverShop(work, redis, databases++);
const SIDS = Array.from({ length: 30 }, (_, n) => hexSid(n));
const [A, B] = SIDS as [string, string];

async function movedShop(): Promise<CutoverShop> {
  const shop = newShop();
  for (const sid of SIDS) shop.save(sid);
  expect((await shop.summary('migrate')).outcomes).toEqual({ written: SIDS.length });
  return shop;
}

const expiryOf = async (shop: CutoverShop, sid: string) => (await shop.contents()).get(SESSION + sid)?.expiryMs;

describe.each(['--repair', '--final'])('sync %s', (option) => {
  it('brings back a copy that is gone, as it was', async () => {
    const shop = await movedShop();
    const before = await shop.contents();
    await shop.redisCall('DEL', SESSION + A);
    expect((await shop.summary('sync', option)).outcomes).toEqual({ written: 1, unchanged: 29 });
    expect(await shop.contents()).toEqual(before);
    expect((await shop.summary('verify')).exitCode).toBe(0);
    expect((await shop.summary('sync', option)).outcomes).toEqual({ unchanged: 30 });
  });

  it('brings back one that is gone although its file was saved just now', async () => {
    const shop = newShop();
    for (const sid of SIDS) shop.save(sid, jsonText(1), 0);
    expect((await shop.summary('migrate')).outcomes).toEqual({ written: SIDS.length });
    await shop.redisCall('DEL', SESSION + A);
    expect((await shop.summary('sync', option)).outcomes).toEqual({ written: 1, unchanged: 29 });
  });

  it('puts an expiry right that a server shifted', async () => {
    const shop = await movedShop();
    const before = await expiryOf(shop, A);
    await shop.redisCall('PEXPIREAT', SESSION + A, String((before ?? 0) + 20));
    expect((await shop.summary('sync', option)).outcomes).toEqual({ updated: 1, unchanged: 29 });
    expect(await expiryOf(shop, A)).toBe(before);
  });

  it('moves a session whose key was taken by one that has ended', async () => {
    const shop = newShop();
    for (const sid of SIDS) shop.save(sid);
    await shop.redisCall('SET', SESSION + A, 'by Odoo on trial', 'EX', '999');
    expect((await shop.summary('migrate')).outcomes).toEqual({ written: 29, kept: 1 });
    await shop.redisCall('DEL', SESSION + A);
    expect((await shop.summary('sync', option)).outcomes).toEqual({ written: 1, unchanged: 29 });
    expect(await shop.held(A)).toBe(jsonText(1));
  });

  it.each([
    ['another value', ['SET', SESSION + A, 'by Odoo', 'EX', '999']],
    ['the same bytes under a life of its own', ['SET', SESSION + A, jsonText(1), 'EX', '999']],
    ['one that is just being saved', ['SET', SESSION + A, jsonText(1)]],
  ])('leaves alone what Odoo wrote: %s', async (_, command) => {
    const shop = await movedShop();
    await shop.redisCall(...command);
    const before = await shop.contents();
    expect((await shop.summary('sync', option)).outcomes).toEqual({ unchanged: 30 });
    expect(await shop.contents()).toEqual(before);
  });
});

describe('after the final pass', () => {
  it('what is gone may be logouts: --final refuses to bring it back, --repair is the word that it is not', async () => {
    const shop = await movedShop();
    await shop.summary('sync', '--final');
    await shop.redisCall('DEL', SESSION + A);
    const refused = await shop.run('sync', '--final');
    expect(refused.code).toBe(7);
    expect(refused.stderr).toMatch(
      /1 of the copies on record is gone since the final pass: .*--cutover-done.*--repair/,
    );
    expect(await shop.held(A)).toBeUndefined();
    expect((await shop.summary('sync', '--repair')).outcomes).toEqual({ written: 1, unchanged: 29 });
  });

  it.each(['--final', '--repair'])('%s brings nothing back where Odoo has written since', async (option) => {
    const shop = await movedShop();
    await shop.summary('sync', '--final');
    await shop.redisCall('DEL', SESSION + A);
    await shop.redisCall('SET', SESSION + B, 'by Odoo', 'EX', '999');
    const refused = await shop.run('sync', option);
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain('--cutover-done');
    expect(await shop.held(A)).toBeUndefined();
  });

  it('nothing is brought back once the switch is on record', async () => {
    const shop = await movedShop();
    await shop.summary('sync', '--cutover-done');
    await shop.redisCall('DEL', SESSION + A);
    for (const option of ['--final', '--repair']) expect((await shop.summary('sync', option)).exitCode).toBe(0);
    expect(await shop.held(A)).toBeUndefined();
  });
});

describe('a reader that renews on use', () => {
  const PROFILE = ['--profile', 'smile'];
  const LIFE_S = String(7 * 86_400);

  async function readShop(): Promise<CutoverShop> {
    const shop = newShop();
    for (const sid of SIDS.slice(0, 5)) shop.saveFlat(sid, pickledLogin(3), 86_400);
    expect((await shop.summary('migrate', ...PROFILE)).outcomes).toEqual({ written: 5 });
    // Smile's get() sets the same value again with the whole life.
    for (const sid of [A, B]) await shop.redisCall('EXPIRE', sid, LIFE_S);
    return shop;
  }

  it('has read what was moved: it is a match, and a repair leaves it', async () => {
    const shop = await readShop();
    const before = await shop.contents();
    expect((await shop.summary('verify', ...PROFILE)).outcomes).toEqual({ match: 5 });
    expect((await shop.summary('sync', '--final', ...PROFILE)).outcomes).toEqual({ unchanged: 5 });
    expect(await shop.contents()).toEqual(before);
  });

  it('keeps nobody in who logged out of files, and gets what was saved to files', async () => {
    const shop = await readShop();
    unlinkSync(join(shop.store, `werkzeug_${A}.sess`));
    shop.saveFlat(B, pickledLogin(4), 50);
    const summary = await shop.summary('sync', ...PROFILE);
    expect(summary).toMatchObject({ outcomes: { updated: 1, unchanged: 3 }, deletes: { deleted: 1 } });
    const after = await shop.contents();
    expect(after.has(A)).toBe(false);
    expect(after.get(B)?.value).toEqual(Buffer.from(pickledLogin(4)));
  });

  it('does not make a later expiry than any renewal ours', async () => {
    const shop = await readShop();
    await shop.redisCall('EXPIRE', A, String(9 * 86_400));
    unlinkSync(join(shop.store, `werkzeug_${A}.sess`));
    expect((await shop.summary('sync', ...PROFILE)).deletes).toEqual({ kept: 1 });
    expect((await shop.contents()).has(A)).toBe(true);
  });
});

describe('a file that outgrew the cap', () => {
  it.each([
    ['too-large', jsonText(1, 'shop', `, "blob": "${'x'.repeat(2 ** 20)}"`)],
    ['malformed', '{"uid": 1'],
  ])('leaves no copy of what it was: %s', async (outcome, text) => {
    const shop = await movedShop();
    shop.save(A, text, 5);
    const summary = await shop.summary('sync');
    expect(summary).toMatchObject({ exitCode: 3, outcomes: { [outcome]: 1 }, deletes: { deleted: 1 } });
    expect(await shop.held(A)).toBeUndefined();
    shop.save(A, jsonText(1), 4);
    expect((await shop.summary('sync')).outcomes).toMatchObject({ written: 1 });
  });
});
