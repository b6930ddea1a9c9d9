import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { ReportFile } from '../../src/report/report-file.js';
import type { RunReport } from '../../src/report/section.js';
import { NOW } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const root = temporaryDirectory();

const report: RunReport = {
  command: 'audit',
  subject: [],
  startedMs: NOW,
  verdict: { tone: 'good', headline: 'Go', sentences: [] },
  notes: [],
  facts: [],
  sections: [],
};

describe('the file of a report', () => {
  it('is tried at once and leaves nothing until it is written whole', async () => {
    const directory = join(root, 'whole');
    mkdirSync(directory);
    const path = join(directory, 'run.html');
    const file = new ReportFile(path);
    expect(readdirSync(directory)).toEqual([]);
    await file.write(report);
    expect(readdirSync(directory)).toEqual(['run.html']);
    expect(readFileSync(path, 'utf8')).toContain('<h1>Go</h1>');
  });

  it('replaces the report of an earlier run', async () => {
    const path = join(root, 'again.html');
    writeFileSync(path, 'old');
    const file = new ReportFile(path);
    expect(readFileSync(path, 'utf8')).toBe('old');
    await file.write(report);
    await file.write({ ...report, verdict: { ...report.verdict, headline: 'Go again' } });
    expect(readFileSync(path, 'utf8')).toContain('<h1>Go again</h1>');
  });

  it.each([
    ['a directory that is not there', 'nowhere/run.html', 'ENOENT'],
    ['a directory of that name', 'taken.html', 'it is a directory'],
    ['a file where a directory should be', 'file/run.html', 'ENOTDIR'],
  ])('is refused in %s, before anything is done', (_, name, why) => {
    if (!existsSync(join(root, 'taken.html'))) mkdirSync(join(root, 'taken.html'));
    writeFileSync(join(root, 'file'), 'x');
    const path = join(root, name);
    expect(() => new ReportFile(path)).toThrow(
      expect.objectContaining({
        exitCode: EXIT.usage,
        message: `--report ${path} cannot be written (${why}): name another file`,
      }),
    );
  });

  it('that can no longer be written is told, and leaves nothing behind', async () => {
    const directory = join(root, 'gone');
    mkdirSync(directory);
    const path = join(directory, 'run.html');
    const file = new ReportFile(path);
    // What a directory in the place of the file does, any failure of the last step does.
    mkdirSync(path);
    await expect(file.write(report)).rejects.toMatchObject({ exitCode: EXIT.temporary });
    expect(readdirSync(directory)).toEqual(['run.html']);
  });
});
