import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchFinding } from '../../../src/bench/findings.js';
import { benchReport } from '../../../src/report/commands/bench.js';
import { renderPage } from '../../../src/report/html/page.js';
import { summarizeBench } from '../../../src/report/summary.js';
import { BENCH_FINDINGS } from '../../support/bench-samples.js';
import { accessibilityFaults, hasBrowser, openBrowser, openFile } from '../../support/browser.js';
import { NOW } from '../../support/samples.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const TITLE = { profile: 'camptocamp', release: '19', elapsedMs: 60_000 };

const reportOf = (findings: readonly BenchFinding[], stopped: Error | null = null) =>
  benchReport(findings, summarizeBench(findings, TITLE, stopped === null ? 0 : 130, stopped), 'Odoo 19', NOW);

describe('the report of a benchmark', () => {
  it('begins with what a session takes, and says how uniform that is', () => {
    const { verdict, notes, subject } = reportOf(BENCH_FINDINGS);
    expect(verdict).toEqual({
      tone: 'good',
      headline: 'A session takes 472 bytes in Redis and 4,194 on the disk',
      sentences: [
        'Memory grows uniformly: 1.00 MiB and 471.9 bytes per session, R² 0.999970.',
        'A million such sessions take 450 MiB of Redis memory.',
      ],
    });
    expect(notes).toEqual([{ kind: 'warning', text: 'the disk holds 100,000 of 200,000 files' }]);
    expect(subject.map(({ value }) => value)).toEqual([
      'private',
      'Redis 7.0.15, jemalloc-5.3.0',
      'camptocamp',
      'Odoo 19',
    ]);
  });

  it('has all measurements, and the line at the steps that it goes through', () => {
    const sections = new Map(reportOf(BENCH_FINDINGS).sections.map((section) => [section.title, section]));
    expect([...sections.keys()]).toEqual([
      'Memory of the server',
      'One session, three sizes',
      'The same sessions as files',
      'Migrate, from these files into Redis',
    ]);
    for (const { table } of sections.values()) {
      for (const row of table?.rows ?? []) expect(row).toHaveLength(table?.columns.length as number);
    }
    const memory = sections.get('Memory of the server');
    expect(memory?.table?.columns.slice(0, 2)).toEqual([
      { title: 'Sessions', unit: 'count' },
      { title: 'Used', unit: 'bytes' },
    ]);
    expect(memory?.table?.rows.map(([sessions]) => sessions)).toEqual([100_000, 200_000]);
    const figure = memory?.figure;
    const line = figure?.kind === 'lines' ? figure.lines.at(-1) : undefined;
    expect(line?.points).toEqual([
      [100_000, 2 ** 20 + 47_190_000],
      [200_000, 2 ** 20 + 94_380_000],
    ]);
  });

  it('says what was not measured by leaving it out, and why it ended early', () => {
    const steps = BENCH_FINDINGS.filter(({ type }) => type === 'step').slice(0, 1);
    const { verdict, sections } = reportOf(steps, new Error('interrupted'));
    expect(verdict).toMatchObject({ tone: 'warn', headline: 'A session takes 472 bytes in Redis' });
    expect(verdict.sentences[0]).toBe('Stopped early (exit code 130): interrupted.');
    expect(sections.map(({ title }) => title)).toEqual(['Memory of the server']);
    expect(reportOf([]).verdict).toMatchObject({ tone: 'bad', headline: 'Nothing was measured' });
  });
});

describe.skipIf(!hasBrowser)('the page of a benchmark', () => {
  const path = join(temporaryDirectory(), 'bench.html');
  let browser: Browser;
  beforeAll(async () => {
    writeFileSync(path, renderPage(reportOf(BENCH_FINDINGS)));
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it.each([
    [1200, 'light'],
    [390, 'dark'],
  ] as const)('is fit for everybody at %i pixels in the %s, and quiet', async (width, scheme) => {
    const { page, faults } = await openFile(browser, path, width, scheme);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(faults).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await page.locator('figure').count()).toBe(4);
    expect(await page.locator('figure svg:visible').count()).toBe(4);
    await page.close();
  });
});
