import { describe, expect, it } from 'vitest';
import type { BenchFinding } from '../../../src/bench/findings.js';
import { benchReport } from '../../../src/report/commands/bench.js';
import { summarizeBench } from '../../../src/report/summary.js';
import { renderText } from '../../../src/report/text.js';
import { BENCH_FINDINGS } from '../../support/bench-samples.js';
import { NOW } from '../../support/samples.js';

const TITLE = { profile: 'camptocamp', release: '19', elapsedMs: 1234.5 };

function renderBench(findings: readonly BenchFinding[]): string {
  return renderText(benchReport(findings, summarizeBench(findings, TITLE, 0, null), 'Odoo 19', NOW));
}

const rowsOf = (findings: readonly BenchFinding[]) =>
  renderBench(findings)
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));

describe('what a benchmark found, as text', () => {
  it('has a row for each step, the line through them, the files and the migrations', () => {
    const rows = rowsOf(BENCH_FINDINGS);
    expect(rows).toContainEqual([
      '100,000',
      '46.0 MiB',
      '471.9 B',
      '-0.01 %',
      '60.0 MiB',
      '1.30',
      '47.0 MiB',
      '151,515/s',
    ]);
    expect(rows).toContainEqual([
      '200,000',
      '91.0 MiB',
      '471.9 B',
      '+0.02 %',
      '110 MiB',
      '1.20',
      '92.0 MiB',
      '151,515/s',
    ]);
    expect(rows).toContainEqual(['keys of 92.0 bytes and values of 234.2 on average']);
    expect(rows).toContainEqual(['used_memory = 1.00 MiB + 471.9 bytes per session, R2 0.999970']);
    expect(rows).toContainEqual([
      '100,000',
      '22.0 MiB',
      '400 MiB',
      '4,194 B',
      '16.0 MiB',
      '104,097',
      '5.0 s',
      '0.2 s',
      '0.3 s',
      '0.9 s',
    ]);
    expect(rows).toContainEqual(['deleted 100,000 one by one in 2.0 s, 50,000/s']);
    expect(rows).toContainEqual(['warm', '100,000', '100,000', '1.0 s', '100,000', '150 MiB']);
    expect(rows).toContainEqual(['cold', '100,000', '100,000', '4.0 s', '25,000', '150 MiB']);
  });

  it('says nothing of what was not measured', () => {
    expect(renderBench([])).toBe('');
    const memoryOnly = renderBench(BENCH_FINDINGS.filter(({ type }) => type === 'step' || type === 'fit'));
    expect(memoryOnly).toMatch(/^memory of the server\n/);
    expect(memoryOnly).not.toMatch(/files|migrate/);
  });
});

describe('the summary of a benchmark', () => {
  it('has the line, the largest step and the last files', () => {
    expect(summarizeBench(BENCH_FINDINGS, TITLE, 0, null)).toMatchObject({
      type: 'summary',
      version: 1,
      command: 'bench',
      profile: 'camptocamp',
      odoo: '19',
      target: 'private',
      sessions: 200_000,
      bytesPerSession: 471.9,
      interceptBytes: 2 ** 20,
      r2: 0.99997,
      files: 100_000,
      allocatedPerSession: 4194.3,
      elapsedMs: 1235,
      exitCode: 0,
    });
  });

  it('has null for what was not measured, and says why it stopped', () => {
    const summary = summarizeBench([], TITLE, 130, new Error('interrupted'));
    expect(summary).toMatchObject({ target: null, sessions: null, r2: null, files: null, exitCode: 130 });
    expect(summary.stopped).toBe('interrupted');
    expect(summarizeBench([], TITLE, 0, null)).not.toHaveProperty('stopped');
  });

  it('takes the bytes per session of a single step, through which there is no line', () => {
    const one = BENCH_FINDINGS.filter(({ type }) => type === 'step').slice(0, 1);
    expect(summarizeBench(one, TITLE, 0, null)).toMatchObject({ bytesPerSession: 471.85, interceptBytes: null });
  });
});
