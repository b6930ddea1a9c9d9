import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { accessibilityFaults, hasBrowser, openBrowser, openFile } from '../support/browser.js';
import { Cli, type CliResult, linesOf, type Summary, total } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { OPTIONS_FOR_EVERYTHING, type StoreOfEverything, storeOfEverything } from '../support/store-of-everything.js';
import { makeWorkspace, until } from '../support/workspace.js';

// A browser on a machine that is busy with other tests takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const pathOf = (command: string) => join(work, `${command}.html`);

let everything: StoreOfEverything;
/** One run of each command that has a report, over a store with every outcome. */
const runs = new Map<string, CliResult>();
let browser: Browser | null = null;

beforeAll(async () => {
  everything = await storeOfEverything(work, false);
  for (const command of ['audit', 'migrate', 'verify']) {
    // Something for verify to find.
    if (command === 'verify') await redis.client().del(`session:${everything.moving[0]}`);
    const words = [command, everything.store.directory, ...OPTIONS_FOR_EVERYTHING, '--to', redis.url];
    runs.set(command, await cli.run([...words, '--json', '--report', pathOf(command)]));
  }
  if (hasBrowser) browser = await openBrowser();
});
afterAll(async () => {
  everything.close();
  await browser?.close();
});

/** Cells of the column with this title, in the table with this name. */
async function column(page: Page, table: string, title: string): Promise<string[]> {
  const found = page.locator('table').filter({ has: page.locator('caption', { hasText: new RegExp(`^${table}$`) }) });
  const index = (await found.locator('thead th').allTextContents()).indexOf(title);
  return found.locator(`tbody tr > :nth-child(${index + 1})`).allTextContents();
}

/** Opens all that is folded. */
const UNFOLD = "for (const one of document.querySelectorAll('details')) one.open = true";
const WIDTH = 'document.documentElement.scrollWidth';
const styleOf = (property: string) => `getComputedStyle(document.body).${property}`;

interface Picture {
  shown: number;
  name: string;
  height: number;
  marks: number;
  rows: number;
}

const PICTURES = `[...document.querySelectorAll('figure')].map((figure) => {
  const shown = [...figure.querySelectorAll('svg')].filter((svg) => svg.getBoundingClientRect().width > 0);
  return {
    shown: shown.length,
    name: shown[0]?.closest('[role=img]')?.getAttribute('aria-label') ?? '',
    height: shown[0]?.getBoundingClientRect().height ?? 0,
    marks: shown[0]?.querySelectorAll('rect, path').length ?? 0,
    rows: figure.closest('section').querySelectorAll('tbody tr').length,
  };
})`;

describe.each(['audit', 'migrate'])('the report of %s', (command) => {
  it('is one file that asks for nothing else, and holds no session id', () => {
    const html = readFileSync(pathOf(command), 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/(src|href|url)\s*[=(]\s*["']?(https?:|\/\/)/);
    const sids = everything.moving;
    expect(sids.length).toBeGreaterThan(30);
    for (const sid of sids) expect(html).not.toContain(sid.slice(9));
    expect(html).not.toMatch(/fa4efa4e|FAKE_sid|fake-token|fake-login/);
  });

  it.skipIf(!hasBrowser)('tells of every entry as the summary does', async () => {
    const { summary } = runs.get(command) as CliResult;
    expect(Object.keys(summary.outcomes).length).toBeGreaterThanOrEqual(14);
    const { page } = await openFile(browser as Browser, pathOf(command), 1200, 'light');
    const outcomes = await column(page, 'What became of every entry', 'Outcome');
    const counts = await column(page, 'What became of every entry', 'Entries');
    const shown = Object.fromEntries(outcomes.map((outcome, i) => [outcome, Number(counts[i]?.replaceAll(',', ''))]));
    expect(shown).toEqual(summary.outcomes);
    expect(shown).toEqual(everything.expected);
    const examples = await column(page, 'What became of every entry', 'Example');
    expect(examples.filter((example) => example === '–')).toHaveLength(1);
    expect(await page.textContent('main')).toContain(`${total(summary.outcomes)} directory entries`);
    const facts = (await page.textContent('.facts')) ?? '';
    expect(facts).toContain(command === 'audit' ? 'would stay logged in' : 'stay logged in');
    for (const label of ['log in again', 'freeze, at most', 'memory in Redis', 'not known'])
      expect(facts).toContain(label);
    const subject = (await page.textContent('.subject')) ?? '';
    expect(subject).toMatch(/from.*to.*reader.*keysession:<sid>userdefaultversionsess2redis \d.*options--.*duration/);
    await page.close();
  });

  it.skipIf(!hasBrowser).each([
    [1200, 'light'],
    [1200, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('is fit for everybody at %s pixels in the %s, and quiet', async (width, scheme) => {
    const { page, faults } = await openFile(browser as Browser, pathOf(command), width, scheme);
    await page.evaluate(UNFOLD);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    expect(await page.evaluate(WIDTH)).toBeLessThanOrEqual(width);
    const paper = (await page.evaluate(styleOf('backgroundColor'))) as string;
    const brightness = paper.match(/\d+/g)?.map(Number)[0] ?? -1;
    expect(brightness > 128).toBe(scheme === 'light');
    await page.close();
  });

  it.skipIf(!hasBrowser)('has pictures that are drawn, each with a name and its numbers', async () => {
    for (const width of [1200, 390]) {
      const { page } = await openFile(browser as Browser, pathOf(command), width, 'light');
      const pictures = (await page.evaluate(PICTURES)) as Picture[];
      expect(pictures.length).toBeGreaterThanOrEqual(command === 'audit' ? 6 : 4);
      for (const picture of pictures) {
        expect(picture).toMatchObject({ shown: 1, name: expect.stringMatching(/\w{4}/) });
        expect(picture.height).toBeGreaterThan(30);
        expect(picture.marks).toBeGreaterThan(0);
        expect(picture.rows).toBeGreaterThan(0);
      }
      await page.close();
    }
  });

  it.skipIf(!hasBrowser)(
    'has bars from the longest to the shortest, and dates and clock times where sessions end',
    async () => {
      const { page } = await openFile(browser as Browser, pathOf(command), 1200, 'light');
      const texts = (title: string) =>
        page.locator('section', { hasText: title }).first().locator('.wide text').allTextContents();
      const values = (await texts('What became of every entry'))
        .filter((text) => /^[\d,]+$/.test(text))
        .map((text) => Number(text.replaceAll(',', '')));
      expect(values.length).toBeGreaterThan(10);
      expect(values).toEqual([...values].sort((a, b) => b - a));
      expect((await texts('What became of every entry')).includes('would be written')).toBe(command === 'audit');
      const moments = await texts('When they end');
      expect(moments.filter((text) => /^\d\d:\d\d$/.test(text)).length).toBeGreaterThan(2);
      expect(moments.some((text) => /^\d{1,2} [A-Z][a-z]+$/.test(text))).toBe(true);
      await page.close();
    },
  );

  it.skipIf(!hasBrowser)('says of a table on a phone that it goes on, and of none that fits', async () => {
    const HINTS = `[...document.querySelectorAll('.scroll')].map((table) => [table.scrollWidth > table.clientWidth, table.previousElementSibling.hidden])`;
    for (const [width, some] of [
      [390, true],
      [1200, false],
    ] as const) {
      const { page } = await openFile(browser as Browser, pathOf(command), width, 'light');
      const tables = (await page.evaluate(HINTS)) as [boolean, boolean][];
      for (const [isWider, isHidden] of tables) expect(isHidden).toBe(!isWider);
      expect(tables.some(([isWider]) => isWider)).toBe(some);
      await page.close();
    }
  });

  it.skipIf(!hasBrowser)('has tables that sort by what is clicked, numbers as numbers', async () => {
    const { page } = await openFile(browser as Browser, pathOf(command), 1200, 'light');
    const name = 'What became of every entry';
    const numbers = async () => (await column(page, name, 'Entries')).map((text) => Number(text.replaceAll(',', '')));
    const button = page.locator('table', { hasText: name }).locator('thead button', { hasText: 'Entries' }).first();
    const sorted = (await numbers()).sort((a, b) => b - a);
    await button.click();
    expect(await numbers()).toEqual(sorted);
    await button.press('Enter');
    expect(await numbers()).toEqual(sorted.reverse());
    expect(await page.locator('th[aria-sort="ascending"]').count()).toBe(1);
    await page.locator('table', { hasText: name }).locator('thead button', { hasText: 'Outcome' }).first().click();
    const names = await column(page, name, 'Outcome');
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
    await page.close();
  });

  it.skipIf(!hasBrowser)('can be printed: dark ink on white, and nothing that only a screen can show', async () => {
    const { page } = await openFile(browser as Browser, pathOf(command), 700, 'dark');
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate(styleOf('color'))).toBe('rgb(0, 0, 0)');
    expect(await page.evaluate(styleOf('backgroundColor'))).toBe('rgb(255, 255, 255)');
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
    await page.close();
  });
});

describe('the report of verify', () => {
  it.skipIf(!hasBrowser)('says what differs, with a reason, and tells of every entry', async () => {
    const { summary, code } = runs.get('verify') as CliResult;
    expect(code).toBe(4);
    const { page, faults } = await openFile(browser as Browser, pathOf('verify'), 1200, 'light');
    expect(await page.textContent('h1')).toMatch(/^1 of \d+ sessions differ/);
    const outcomes = await column(page, 'What became of every entry', 'Outcome');
    const counts = await column(page, 'What became of every entry', 'Entries');
    expect(Object.fromEntries(outcomes.map((outcome, i) => [outcome, Number(counts[i])]))).toEqual(summary.outcomes);
    expect(await column(page, 'Differences', 'Outcome')).toContain('missing');
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    await page.close();
  });
});

describe('a report', () => {
  it.each([
    ['/nowhere/run.html', 'ENOENT'],
    ['run.pdf', 'name an HTML file'],
  ])('that cannot be written to %s is refused before anything is done', async (path, why) => {
    await redis.flush();
    const words = ['migrate', everything.store.directory, ...OPTIONS_FOR_EVERYTHING, '--to', redis.url];
    const state = join(work, 'refused');
    const { code, errorLines, stdout } = await cli.run([...words, '--report', path, '--state-dir', state]);
    expect(code).toBe(2);
    expect(errorLines).toEqual([expect.stringContaining(why)]);
    expect(stdout).toBe('');
    expect(await redis.size()).toBe(0);
    expect(existsSync(state)).toBe(false);
  });

  it('is written by a run that was interrupted, too', async () => {
    await redis.flush();
    const path = join(work, 'interrupted.html');
    const words = ['migrate', everything.store.directory, ...OPTIONS_FOR_EVERYTHING, '--to', redis.url, '--rate', '5'];
    const { child, finished } = cli.start([...words, '--report', path, '--state-dir', join(work, 'interrupted')]);
    await until(async () => (await redis.size()) > 0);
    child.kill('SIGINT');
    expect((await finished).code).toBe(130);
    expect(readFileSync(path, 'utf8')).toContain('<h1>Stopped early: interrupted, progress kept');
  });
});

describe('a second report in the same file', () => {
  it('says what changed since the first, and none of another store or by somebody else does', async () => {
    const store = new SessionStore(work);
    for (let n = 0; n < 5; n++) store.flat(hexSid(n), pickledLogin(n + 1));
    const path = join(work, 'again.html');
    const audit = async () => {
      expect((await cli.run(['audit', store.directory, '--report', path])).code).toBe(0);
      return readFileSync(path, 'utf8');
    };
    writeFileSync(path, '<meta name="sess2redis-record" content="bm8ganNvbg==">');
    expect(await audit()).not.toContain('since the last report');
    for (let n = 5; n < 8; n++) store.flat(hexSid(n), pickledLogin(n + 1));
    const second = await audit();
    expect(second).toContain('<dt>since the last report</dt><dd>+3 written<small>the last one is of ');
    expect(await audit()).toContain('<dt>since the last report</dt><dd>no change<small>');
    expect((await cli.run(['audit', everything.store.directory, '--report', path])).code).toBe(3);
    expect(readFileSync(path, 'utf8')).not.toContain('since the last report');
  });
});

describe('numbers', () => {
  it('are the same in text, JSON, the log and the list of rejects of one run', async () => {
    const log = join(work, 'run.log');
    const state = join(work, 'numbers');
    const words = ['migrate', everything.store.directory, ...OPTIONS_FOR_EVERYTHING, '--to', redis.url];
    const { stdout, code } = await cli.run([...words, '--log-file', log, '--state-dir', state]);
    const ended = linesOf(readFileSync(log, 'utf8'))
      .map((line) => JSON.parse(line) as Summary & { msg: string; misplaced: number })
      .find(({ msg }) => msg === 'pass ended');
    const outcomes = ended?.outcomes ?? {};
    expect(ended?.exitCode).toBe(code);
    for (const [outcome, count] of Object.entries(outcomes)) {
      expect(stdout, outcome).toMatch(new RegExp(` ${outcome} +${count}  `));
    }
    expect(stdout).toMatch(new RegExp(`^ {2}listed +${total(outcomes)}$`, 'm'));
    const { malformed = 0, unsupported = 0, 'too-large': tooLarge = 0, unreadable = 0 } = outcomes;
    const list = linesOf(readFileSync(join(state, 'rejects.jsonl'), 'utf8')).map((line) => JSON.parse(line));
    const listed = (type: string) => list.filter((note) => note.type === type).length;
    expect(listed('reject')).toBe(malformed + unsupported + tooLarge + unreadable);
    expect(listed('misplaced')).toBe(ended?.misplaced);
    expect(list).toHaveLength(listed('reject') + listed('misplaced'));
  });
});
