import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Cli } from '../support/cli.js';
import { samplesOf } from '../support/prometheus-text.js';
import { freePort, RedisServer } from '../support/redis-server.js';
import { hexSid, pickledLogin, SessionStore } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

// Programs take their time where processors are scarce.
vi.setConfig({ testTimeout: 180_000 });

const SESSIONS = 300;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
const store = new SessionStore(work);
for (let n = 0; n < SESSIONS; n++) store.flat(hexSid(n), pickledLogin(n + 1));
for (let n = 0; n < 7; n++) store.flat(hexSid(1000 + n), `broken ${n}`);
beforeEach(() => redis.flush());
let runs = 0;

/** A command with state and text file of its own. */
function newRun(): { file: string; words: (command: string, ...more: string[]) => string[] } {
  const directory = mkdtempSync(join(work, `run-${runs++}-`));
  const file = join(directory, 'm.prom');
  const shared = ['--to', redis.url, '--state-dir', join(directory, 'state'), '--metrics-file', file, '--json'];
  return { file, words: (command, ...more) => [command, store.directory, ...shared, ...more] };
}

describe('the metrics of a run', () => {
  it.each([['migrate'], ['sync'], ['verify'], ['migrate', '--dry-run']])(
    'are its summary, number by number: %s %s',
    async (...line) => {
      const [command, ...more] = line as [string, ...string[]];
      const { file, words } = newRun();
      const { summary, code } = await cli.run(words(command, ...more));
      const samples = samplesOf(readFileSync(file, 'utf8'));
      const counted = Object.entries(samples.of('pass_entries', 'outcome')).filter(([, count]) => count > 0);
      expect(Object.fromEntries(counted)).toEqual(summary.outcomes);
      expect(samples.sum('pass_entries')).toBe(summary.listed);
      expect(samples.of('pass_entries', 'class').reject).toBe(7);
      expect(samples.value('last_exit_code')).toBe(code);
      expect(samples.value('peak_rss_bytes')).toBe(summary.peakRssBytes);
      expect(samples.value('pass_running')).toBe(0);
      expect(samples.all.every(({ labels }) => labels.command === command)).toBe(true);
    },
  );

  it('tell of deleted copies', async () => {
    const { file } = newRun();
    const leaving = new SessionStore(work);
    const files = [1, 2, 3].map((n) => leaving.flat(hexSid(n), pickledLogin(n)));
    const sync = ['sync', leaving.directory, '--to', redis.url, '--state-dir', join(work, 'leaving')];
    await cli.run(sync);
    rmSync(files[0] as string);
    const { summary } = await cli.run([...sync, '--metrics-file', file, '--json']);
    const { deletes } = summary as unknown as { deletes: Record<string, number> };
    expect(deletes).toEqual({ deleted: 1 });
    expect(samplesOf(readFileSync(file, 'utf8')).of('pass_deletes', 'kind')).toMatchObject({ deleted: 1, kept: 0 });
  });

  it('tell of a run that was refused', async () => {
    const { file, words } = newRun();
    await cli.run(words('migrate'));
    const success = samplesOf(readFileSync(file, 'utf8')).value('last_success_timestamp_seconds');
    const line = words('migrate').map((word) => (word === redis.url ? 'unix:///nowhere/fake' : word));
    const { code } = await cli.run([...line, '--give-up-after', '0s']);
    const samples = samplesOf(readFileSync(file, 'utf8'));
    expect(samples.value('last_exit_code')).toBe(code);
    expect(code).not.toBe(0);
    expect(samples.value('last_success_timestamp_seconds')).toBe(success);
    expect(success).toBeGreaterThan(0);
  });

  it('can be asked for while it lasts, and no longer', async () => {
    const { file, words } = newRun();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/metrics`;
    const { child, finished } = cli.start(words('migrate', '--rate', '20', '--metrics-listen', String(port)));
    const ask = () =>
      fetch(url)
        .then((response) => response.text())
        .catch(() => '');
    let text = '';
    await until(async () => {
      text = await ask();
      return text !== '' && samplesOf(text).sum('pass_entries') > 0;
    });
    const samples = samplesOf(text);
    expect(samples.value('pass_running')).toBe(1);
    expect(samples.value('lanes')).toBeGreaterThan(0);
    child.kill('SIGTERM');
    const { summary } = await finished;
    expect(summary.exitCode).toBe(143);
    expect(summary.listed).toBeLessThan(SESSIONS);
    expect(await ask()).toBe('');
    expect(samplesOf(readFileSync(file, 'utf8')).value('last_exit_code')).toBe(143);
  });

  it('are refused before anything is written, where they have no place', async () => {
    const { file, words } = newRun();
    const port = await freePort();
    const first = cli.start(words('migrate', '--rate', '10', '--metrics-listen', String(port)));
    await until(
      () =>
        existsSync(file) &&
        fetch(`http://127.0.0.1:${port}/metrics`).then(
          () => true,
          () => false,
        ),
    );
    const second = await cli.run(newRun().words('migrate', '--metrics-listen', String(port)));
    expect(second).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/127\.0\.0\.1:\d+ can't be listened on \(EADDRINUSE\)/),
    });
    first.child.kill('SIGTERM');
    await first.finished;
    await redis.flush();
    const line = newRun()
      .words('migrate', '--metrics-file=/nowhere/fake.prom')
      .filter((word) => word !== '--metrics-file' && !word.endsWith('m.prom'));
    expect(await cli.run(line)).toMatchObject({ code: 2, stderr: expect.stringContaining('ENOENT') });
    expect(await redis.size()).toBe(0);
  });
});
