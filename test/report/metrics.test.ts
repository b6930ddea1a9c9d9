import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { Tally } from '../../src/counts/tally.js';
import { EXIT } from '../../src/errors.js';
import { Metrics } from '../../src/report/metrics.js';
import type { Summary } from '../../src/report/summary.js';
import { isOnPath } from '../support/on-path.js';
import { samplesOf } from '../support/prometheus-text.js';
import { freePort } from '../support/redis-server.js';

const work = mkdtempSync(join(tmpdir(), 'sess2redis-metrics-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const TITLE = { command: 'sync', source: '/srv/a "b"\\c', isDryRun: false, shard: '' };
let files = 0;
const newFile = () => join(work, `m${files++}.prom`);

const VIEW = { lanes: 1, deletes: {}, heldBackMs: () => ({}) };

const SUMMARY: Summary = {
  type: 'summary',
  version: 1,
  command: 'sync',
  dryRun: false,
  profile: 'camptocamp',
  listed: 12,
  outcomes: { written: 7, expired: 2, malformed: 3 },
  unsettled: 1,
  sourceBytes: 1000,
  valueBytes: 900,
  elapsedMs: 2500,
  entriesPerSecond: 4.8,
  peakRssBytes: 1_000_000,
  resumed: false,
  deletes: { deleted: 4, kept: 1 },
  throttle: { reasons: { rate: 1500, latency: 250 } },
  exitCode: EXIT.rejects,
};

async function open(title = TITLE, file = newFile(), listen: { host: string; port: number } | null = null) {
  const metrics = await Metrics.open(title, { file, listen });
  onTestFinished(() => metrics.close());
  return { metrics, file, read: () => samplesOf(readFileSync(file, 'utf8')) };
}

describe('the metrics of a pass', () => {
  it('are those of its summary, number by number', async () => {
    const { metrics, read } = await open();
    await metrics.passEnded(SUMMARY);
    const samples = read();
    expect(samples.of('pass_entries', 'outcome')).toMatchObject({ written: 7, expired: 2, malformed: 3, same: 0 });
    expect(samples.sum('pass_entries')).toBe(SUMMARY.listed);
    expect(samples.of('pass_deletes', 'kind')).toEqual({ deleted: 4, kept: 1, absent: 0 });
    expect(samples.of('pass_throttle_seconds', 'reason')).toEqual({ rate: 1.5, latency: 0.25 });
    for (const [name, value] of [
      ['pass_unsettled_entries', 1],
      ['pass_source_bytes', 1000],
      ['pass_value_bytes', 900],
      ['pass_duration_seconds', 2.5],
      ['pass_running', 0],
      ['peak_rss_bytes', 1_000_000],
      ['last_exit_code', 3],
    ] as const) {
      expect(samples.value(name), name).toBe(value);
    }
    expect(samples.value('last_success_timestamp_seconds')).toBe(samples.value('last_end_timestamp_seconds'));
  });

  it('say while it runs what the tally says', async () => {
    const { metrics, read } = await open();
    expect(read().value('pass_running')).toBe(1);
    const tally = new Tally();
    metrics.follow({ ...VIEW, tally, lanes: 3, deletes: { deleted: 2 }, heldBackMs: () => ({ latency: 500 }) });
    tally.addOne('written');
    tally.addOne('malformed');
    const samples = samplesOf(await metrics.text());
    expect(samples.of('pass_entries', 'outcome')).toMatchObject({ written: 1, malformed: 1, updated: 0 });
    expect(samples.value('lanes')).toBe(3);
    expect(samples.of('pass_deletes', 'kind')).toMatchObject({ deleted: 2 });
    expect(samples.of('pass_throttle_seconds', 'reason')).toEqual({ latency: 0.5 });
    expect(samples.value('pass_running')).toBe(1);
    expect(samples.has('last_exit_code')).toBe(false);
  });

  it('begin anew with the next pass', async () => {
    const { metrics } = await open();
    await metrics.passEnded(SUMMARY);
    metrics.follow({ ...VIEW, tally: new Tally() });
    const samples = samplesOf(await metrics.text());
    expect(samples.sum('pass_entries')).toBe(0);
    expect(samples.of('pass_throttle_seconds', 'reason')).toEqual({});
    expect(samples.sum('pass_deletes')).toBe(0);
    expect(samples.value('pass_running')).toBe(1);
    expect(samples.value('last_exit_code')).toBe(3);
  });

  it('keep the classes of verify apart from those of passes that write', async () => {
    const classes = async (command: string) => {
      const { metrics } = await open({ ...TITLE, command });
      return Object.keys(samplesOf(await metrics.text()).of('pass_entries', 'class')).sort();
    };
    expect(await classes('sync')).toEqual(['kept', 'moved', 'reject', 'skip']);
    expect(await classes('verify')).not.toContain('moved');
  });

  it('carry labels that tell jobs apart', async () => {
    const { metrics } = await open({ ...TITLE, isDryRun: true, shard: '2/3' });
    expect(await metrics.text()).toContain(
      'sess2redis_lanes{command="sync",source="/srv/a \\"b\\"\\\\c",shard="2/3",dry_run="true"} 0',
    );
  });

  it.skipIf(!isOnPath('promtool'))('have nothing that promtool complains of', async () => {
    const { metrics } = await open();
    await metrics.passEnded(SUMMARY);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await metrics.text(),
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });
});

describe('the time of the last success', () => {
  it('is kept through passes that fail, also in another process', async () => {
    const { metrics, file, read } = await open();
    expect(read().value('last_success_timestamp_seconds')).toBe(0);
    await metrics.passEnded(SUMMARY);
    const success = read().value('last_success_timestamp_seconds');
    expect(success).toBeGreaterThan(1_700_000_000);
    await metrics.passEnded({ ...SUMMARY, exitCode: EXIT.temporary });
    expect(read().value('last_success_timestamp_seconds')).toBe(success);

    const { metrics: next } = await open(TITLE, file);
    expect(read().value('last_success_timestamp_seconds')).toBe(success);
    expect(read().value('last_exit_code')).toBe(EXIT.temporary);
    await next.failed(EXIT.refused);
    expect(read().value('last_success_timestamp_seconds')).toBe(success);
    expect(read().value('last_exit_code')).toBe(EXIT.refused);
    expect(read().value('pass_running')).toBe(0);
  });

  it('is not taken from another job', async () => {
    const { metrics, file, read } = await open();
    await metrics.passEnded(SUMMARY);
    for (const title of [
      { ...TITLE, command: 'migrate' },
      { ...TITLE, source: '/srv/b' },
      { ...TITLE, shard: '1/2' },
      { ...TITLE, isDryRun: true },
    ]) {
      await open(title, file);
      expect(read().value('last_success_timestamp_seconds'), JSON.stringify(title)).toBe(0);
      await metrics.passEnded(SUMMARY);
    }
  });

  it.each([
    [EXIT.complete, true],
    [EXIT.rejects, true],
    [EXIT.nothing, true],
    [EXIT.unexpected, false],
    [EXIT.temporary, false],
    [EXIT.limit, false],
    [EXIT.different, false],
    [EXIT.interrupted, false],
  ])('after exit code %i is moved: %s', async (exitCode, isMoved) => {
    const { metrics, read } = await open();
    await metrics.passEnded({ ...SUMMARY, exitCode });
    expect(read().value('last_success_timestamp_seconds') > 0).toBe(isMoved);
  });
});

describe('the text file', () => {
  it('is replaced as a whole, readable by others, and nothing is left beside it', async () => {
    const directory = mkdtempSync(join(work, 'd-'));
    const mask = process.umask(0o077);
    onTestFinished(() => void process.umask(mask));
    const { metrics, file } = await open(TITLE, join(directory, 'm.prom'));
    const { ino } = statSync(file);
    await metrics.passEnded(SUMMARY);
    expect(statSync(file).ino).not.toBe(ino);
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readdirSync(directory)).toEqual(['m.prom']);
  });

  it('that cannot be written is refused before the run, in one sentence', async () => {
    for (const file of ['/nowhere/fake/m.prom', work]) {
      await expect(Metrics.open(TITLE, { file, listen: null })).rejects.toMatchObject({
        exitCode: EXIT.usage,
        message: expect.stringMatching(/^--metrics-file .* cannot be written \(E\w+\): name another$/),
      });
    }
  });

  it('that cannot be written any more does not end a run, which can say so', async () => {
    const directory = mkdtempSync(join(work, 'gone-'));
    const { metrics } = await open(TITLE, join(directory, 'm.prom'));
    rmSync(directory, { recursive: true });
    await metrics.passEnded(SUMMARY);
    expect(metrics.fault?.message).toMatch(/cannot be written \(ENOENT\)/);
  });

  it('with something else in it is replaced', async () => {
    const file = newFile();
    writeFileSync(file, 'sess2redis_last_exit_code{command="sync" broken\n\xff');
    const { read } = await open(TITLE, file);
    expect(read().has('last_exit_code')).toBe(false);
  });
});

describe('the address', () => {
  it('answers GET /metrics with the state of the moment, and nothing else', async () => {
    const port = await freePort();
    const { metrics, file } = await open(TITLE, newFile(), { host: '127.0.0.1', port });
    const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${port}${path}`, { method });
    const tally = new Tally();
    metrics.follow({ ...VIEW, tally });
    for (let count = 1; count < 3; count++) {
      tally.addOne('written');
      const response = await get('/metrics');
      expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      expect(samplesOf(await response.text()).sum('pass_entries')).toBe(count);
    }
    expect((await get('/metrics?x=1')).status).toBe(200);
    expect((await get('/')).status).toBe(404);
    expect((await get('/metrics', 'POST')).status).toBe(405);
    expect(existsSync(file)).toBe(true);
  });

  it('that another process has is refused before the run', async () => {
    const port = await freePort();
    const { metrics } = await open(TITLE, newFile(), { host: '127.0.0.1', port });
    const second = Metrics.open(TITLE, { file: null, listen: { host: '127.0.0.1', port } });
    await expect(second).rejects.toMatchObject({
      exitCode: EXIT.usage,
      message: expect.stringContaining('EADDRINUSE'),
    });
    await metrics.close();
    const { metrics: third } = await open(TITLE, newFile(), { host: '127.0.0.1', port });
    expect(third.fault).toBeNull();
  });
});
