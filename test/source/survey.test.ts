import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { randomFrom } from '../../src/applications/seeded-random.js';
import { filesAtMost, type SurveyBounds, surveyStores } from '../../src/source/survey.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { atOnce } from '../support/at-once.js';
import { flat, hashed, hex40, ODOO, urlsafe84 } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const root = temporaryDirectory();
let stores = 0;

function storeOf(paths: readonly string[]): string {
  const store = `${root}/${stores++}`;
  mkdirSync(store);
  for (const path of paths) {
    if (path.includes('/')) mkdirSync(`${store}/${path.slice(0, 2)}`, { recursive: true });
    writeFileSync(`${store}/${path}`, '');
  }
  return store;
}

const flatNames = (count: number) => Array.from({ length: count }, (_, i) => flat(hex40(i)));
const hashedNames = (count: number) => Array.from({ length: count }, (_, i) => hashed(urlsafe84(i)));
const survey = (sources: readonly string[], bounds: Partial<SurveyBounds> = {}) =>
  atOnce(
    surveyStores(sources, ODOO, realFileSystem, { maxNames: 1e6, sampleSize: 50, random: randomFrom(1), ...bounds }),
  );

describe('a survey of stores', () => {
  it('counts the names of sessions in all layouts and stores, and nothing else', () => {
    const store = storeOf([...flatNames(30), ...hashedNames(20), 'README', 'tmpx.__wz_sess', 'werkzeug_x.sess']);
    mkdirSync(`${store}/${flat(hex40(999))}`);
    const other = storeOf(hashedNames(5));
    expect(survey([store])).toMatchObject({ sessions: 50, isComplete: true });
    expect(survey([store, other])).toMatchObject({ sessions: 55, isComplete: true });
    expect(survey([storeOf([])])).toEqual({ sessions: 0, isComplete: true, sample: [] });
  });

  it('hands out every name where there are few', () => {
    const store = storeOf([...flatNames(10), ...hashedNames(10)]);
    const { sample } = survey([store, storeOf(flatNames(3))]);
    const paths = [...flatNames(10), ...hashedNames(10)].map((path) => ({ source: 0, path }));
    expect(sample).toHaveLength(23);
    expect(sample).toEqual(expect.arrayContaining([...paths, { source: 1, path: flat(hex40(0)) }]));
  });

  it('draws every name as likely as any other, in whatever directory it lies', () => {
    const store = storeOf([...flatNames(100), ...hashedNames(100)]);
    const drawn = new Map<string, number>();
    const random = randomFrom(7);
    for (let i = 0; i < 400; i++) {
      for (const { path } of survey([store], { sampleSize: 20, random }).sample) {
        drawn.set(path, (drawn.get(path) ?? 0) + 1);
      }
    }
    // Each is expected 40 times, with a standard deviation of 6.
    expect(drawn.size).toBe(200);
    expect(Math.min(...drawn.values())).toBeGreaterThan(12);
    expect(Math.max(...drawn.values())).toBeLessThan(80);
  });

  it('stops at its bound, says so, and has seen the shards of a store whose root is full', () => {
    const store = storeOf([...hashedNames(300), ...flatNames(100)]);
    const bounded = survey([store], { maxNames: 150 });
    expect(bounded.isComplete).toBe(false);
    expect(bounded.sessions).toBe(150);
    expect(bounded.sample.some(({ path }) => path.includes('/'))).toBe(true);
    expect(survey([store], { maxNames: 800 })).toMatchObject({ sessions: 400, isComplete: true });
  });

  it('takes what can not be listed for empty', () => {
    expect(survey([`${root}/nowhere`])).toEqual({ sessions: 0, isComplete: true, sample: [] });
  });
});

describe('the number of files on a file system', () => {
  it('is no less than those of the stores on it, each file system counted once', () => {
    const store = storeOf(flatNames(40));
    const most = filesAtMost([store]);
    // btrfs and the like do not count.
    if (most === null) return;
    expect(most).toBeGreaterThanOrEqual(40);
    expect(filesAtMost([store, storeOf([])])).toBeLessThan(1.5 * most);
  });
});
