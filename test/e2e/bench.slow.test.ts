import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type BenchFinding, benchFindingsOf } from '../../src/bench/findings.js';
import { Cli } from '../support/cli.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace, until } from '../support/workspace.js';

const HOUR_MS = 3_600_000;
// Thousands of files are written and read here, on a disk that others may use.
vi.setConfig({ testTimeout: 300_000 });

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);

/** Places where the benchmark may leave something; new for each test. */
function places() {
  const directory = mkdtempSync(join(work, 'b-'));
  const [tmp, files] = [join(directory, 't'), join(directory, 'f')];
  for (const path of [tmp, files]) mkdirSync(path);
  return { tmp, files, options: { env: { TMPDIR: tmp } } };
}

/** Processes that have `text` on their command line. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(text);
      } catch {
        return false;
      }
    });
}

function leftIn({ tmp, files }: { tmp: string; files: string }): string[] {
  return [...readdirSync(tmp), ...readdirSync(files), ...processesWith(tmp), ...processesWith(files)];
}

const ofType = <T extends BenchFinding['type']>(lines: readonly Record<string, unknown>[], type: T) =>
  benchFindingsOf(lines as unknown as readonly BenchFinding[], type);

describe('bench on a server of its own', () => {
  it('measures sessions of another application, hashes among them, by the same model', async () => {
    const at = places();
    const words = ['bench', '--app', 'magento', '--sessions', '1k,2k', '--files', at.files, '--json'];
    const { code, lines, stderr } = await cli.run(words, at.options);
    expect(stderr).toMatch(/^sess2redis bench: private, Redis \S+, \S+ \(magento\)\n$/);
    expect(code).toBe(0);
    for (const step of ofType(lines, 'step'))
      expect(Math.abs(step.predictionError), JSON.stringify(step)).toBeLessThan(0.005);
    expect(ofType(lines, 'files').map(({ sessions }) => sessions)).toEqual([1000, 2000]);
    expect(ofType(lines, 'migrate-rate')).toMatchObject([{ cache: 'warm', sessions: 2000, written: 2000 }]);
    expect(ofType(lines, 'files-deleted')).toMatchObject([{ sessions: 2000 }]);
    expect(lines.at(-1)).not.toHaveProperty('odoo');
    expect(leftIn(at)).toEqual([]);
  });

  it('measures memory, files and migrations of growing numbers of sessions, and leaves nothing', async () => {
    const at = places();
    const words = ['bench', '--sessions', '2k,4k,8k', '--files', at.files, '--odoo', 'mixed', '--json'];
    const { code, lines, stderr } = await cli.run(words, at.options);
    expect(stderr).toMatch(/^sess2redis bench: private, Redis \S+, \S+ \(camptocamp, Odoo mixed\)\n$/);
    expect(code).toBe(0);

    const steps = ofType(lines, 'step');
    expect(steps.map(({ sessions }) => sessions)).toEqual([2000, 4000, 8000]);
    for (const step of steps) {
      expect(Math.abs(step.predictionError), JSON.stringify(step)).toBeLessThan(0.005);
      expect(step.bytesPerSession * step.sessions).toBeCloseTo(step.addedBytes, 0);
      expect(step.usedMemoryBytes).toBeGreaterThan(step.addedBytes);
      expect(step.peakMemoryBytes).toBeGreaterThanOrEqual(step.usedMemoryBytes);
      expect(step.keyBytes).toBeCloseTo((5 * 48 + 92) / 6, 0);
    }
    const [fit] = ofType(lines, 'fit');
    expect(fit).toMatchObject({ steps: 3 });
    expect(fit?.r2).toBeGreaterThan(0.999);
    expect(fit?.bytesPerSession).toBeGreaterThan(300);
    expect(fit?.bytesPerSession).toBeLessThan(700);

    const files = ofType(lines, 'files');
    expect(files.map(({ sessions }) => sessions)).toEqual([2000, 4000, 8000]);
    for (const step of files) {
      expect(step.allocatedBytes).toBeGreaterThanOrEqual(step.apparentBytes + step.directoryBytes);
      expect(step.inodes).toBeGreaterThan(step.sessions);
    }
    expect(ofType(lines, 'migrate-rate')).toMatchObject([{ cache: 'warm', sessions: 8000, written: 8000 }]);
    expect(ofType(lines, 'files-deleted')).toMatchObject([{ sessions: 8000 }]);
    expect(lines.at(-1)).toMatchObject({
      type: 'summary',
      command: 'bench',
      target: 'private',
      sessions: 8000,
      files: 8000,
      bytesPerSession: fit?.bytesPerSession,
      exitCode: 0,
    });
    expect(leftIn(at)).toEqual([]);
  });

  it('has a table for people, which says the same', async () => {
    const at = places();
    const { code, stdout } = await cli.run(['bench', '--sessions', '1k', '--no-files', '--odoo', '15'], at.options);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^memory of the server\n +sessions +used +per session/);
    expect(stdout).toMatch(/\n +1,000 .* B +[+-]0\.\d\d % /);
    expect(stdout).toContain('keys of 48.0 bytes');
    expect(leftIn(at)).toEqual([]);
  });

  it('is not sent elsewhere by the environment, where SESS2REDIS_TO names the target of migrations', async () => {
    await redis.flush();
    const at = places();
    const env = { ...at.options.env, SESS2REDIS_TO: redis.url };
    const { lines } = await cli.run(['bench', '--sessions', '100', '--no-files', '--json'], { env });
    expect(ofType(lines, 'server')).toMatchObject([{ target: 'private' }]);
    expect(await redis.size()).toBe(0);
  });

  it('says so where there is no server to start', async () => {
    const at = places();
    const env = { ...at.options.env, PATH: at.tmp };
    const { code, errorLines } = await cli.run(['bench', '--no-files'], { env });
    expect(code).toBe(7);
    expect(errorLines).toEqual([expect.stringMatching(/redis-server or valkey-server is not on PATH: .*--to/)]);
    expect(leftIn(at)).toEqual([]);
  });

  it('says so where the path of its socket would be too long', async () => {
    const at = places();
    const tmp = join(at.tmp, 'x'.repeat(100));
    mkdirSync(tmp);
    const { code, errorLines } = await cli.run(['bench', '--no-files'], { env: { TMPDIR: tmp } });
    expect(code).toBe(2);
    expect(errorLines).toEqual([expect.stringMatching(/too long a path for a socket: set TMPDIR/)]);
    expect(readdirSync(tmp)).toEqual([]);
  });
});

describe('bench on a given server', () => {
  const words = (...more: string[]) => ['bench', '--to', redis.url, '--sessions', '500,1k', '--json', ...more];

  it('measures it, and takes every key off again', async () => {
    await redis.flush();
    const at = places();
    const { code, lines } = await cli.run(words('--files', at.files), at.options);
    expect(code).toBe(0);
    expect(ofType(lines, 'server')).toMatchObject([{ target: `${redis.url}?db=0` }]);
    expect(ofType(lines, 'step').map(({ sessions }) => sessions)).toEqual([500, 1000]);
    expect(ofType(lines, 'migrate-rate')).toMatchObject([{ sessions: 1000, written: 1000 }]);
    expect(await redis.size()).toBe(0);
    expect(leftIn(at)).toEqual([]);
  });

  it('refuses one that holds data, and with --yes leaves these as they were', async () => {
    await redis.flush();
    const client = redis.client();
    await client.set('session:live', 'of Odoo');
    const at = places();
    const refused = await cli.run(words('--files', at.files), at.options);
    expect(refused.code).toBe(7);
    expect(refused.errorLines).toEqual([expect.stringMatching(/holds 1 key: .*--yes/)]);
    expect(refused.lines).toMatchObject([{ type: 'summary', exitCode: 7 }]);

    const { code, lines } = await cli.run(words('--files', at.files, '--yes'), at.options);
    expect(code).toBe(0);
    expect(ofType(lines, 'step')).toHaveLength(2);
    expect(await client.keys('*')).toEqual(['session:live']);
    expect(await client.ttl('session:live')).toBe(-1);
    expect(leftIn(at)).toEqual([]);
  });

  it('takes keys of its own for every reader, also one whose keys have no place for a prefix', async () => {
    await redis.flush();
    const at = places();
    const { code, lines } = await cli.run(
      words('--files', at.files, '--profile', 'keerati', '--odoo', '10'),
      at.options,
    );
    expect(code).toBe(0);
    expect(ofType(lines, 'migrate-rate')).toMatchObject([{ written: 1000 }]);
    expect(await redis.size()).toBe(0);
  });

  it('stops before its memory is full', async () => {
    const small = await RedisServer.forTest(work, ['--maxmemory', '8mb', '--maxmemory-policy', 'allkeys-lru']);
    const at = places();
    const line = ['bench', '--to', small.url, '--sessions', '1k,100k', '--no-files', '--json'];
    const { code, lines } = await cli.run(line, at.options);
    expect(code).toBe(0);
    expect(ofType(lines, 'step').map(({ sessions }) => sessions)).toEqual([1000]);
    expect(ofType(lines, 'warning').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^the server has room for .* and 100,000 sessions may need .*the steps end before$/),
    ]);
    const client = small.client();
    expect(/evicted_keys:(\d+)/.exec(await client.info('stats'))?.[1]).toBe('0');
    expect(await small.size()).toBe(0);
  });
});

describe('bench, interrupted', () => {
  /** Starts it, and resolves when a line of this type is there. */
  async function caught(type: BenchFinding['type'], at: ReturnType<typeof places>, words: readonly string[]) {
    const run = cli.start(['bench', '--json', ...words], at.options);
    let said = '';
    run.child.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    await until(() => said.includes(`{"type":"${type}"`));
    return run;
  }

  const inMemory = ['--sessions', '500,3M', '--no-files'];
  const inFiles = (files: string) => ['--sessions', '200,12k', '--files', files];

  it.each([
    ['SIGINT', 130, 'step'],
    ['SIGTERM', 143, 'step'],
    ['SIGTERM', 143, 'files'],
  ] as const)(
    'by %s ends with exit %i and leaves nothing, when it has told a line "%s"',
    async (signal, exit, type) => {
      const at = places();
      const run = await caught(type, at, type === 'files' ? inFiles(at.files) : inMemory);
      expect(leftIn(at)).not.toEqual([]);
      run.child.kill(signal);
      const { code, lines } = await run.finished;
      expect(code).toBe(exit);
      expect(lines.at(-1)).toMatchObject({
        type: 'summary',
        exitCode: exit,
        stopped: expect.stringMatching(/^interrupted/),
      });
      expect(ofType(lines, type)).toHaveLength(1);
      expect(leftIn(at)).toEqual([]);
    },
  );

  it.each(['step', 'files'] as const)('by SIGKILL leaves nothing, when it has told a line "%s"', async (type) => {
    const at = places();
    const run = await caught(type, at, type === 'files' ? inFiles(at.files) : inMemory);
    run.child.kill('SIGKILL');
    expect((await run.finished).code).not.toBe(0);
    await until(() => leftIn(at).length === 0);
  });

  it('on a given server takes its keys off', async () => {
    await redis.flush();
    const at = places();
    const run = await caught('step', at, ['--to', redis.url, ...inMemory]);
    await until(async () => (await redis.size()) > 600);
    run.child.kill('SIGINT');
    expect((await run.finished).code).toBe(130);
    expect(await redis.size()).toBe(0);
  });

  it('by SIGKILL leaves keys on a given server that end within the hour', async () => {
    await redis.flush();
    const at = places();
    const run = await caught('step', at, ['--to', redis.url, ...inMemory]);
    run.child.kill('SIGKILL');
    await run.finished;
    const client = redis.client();
    const keys = (await client.keys('*')).slice(0, 2000);
    expect(keys.length).toBeGreaterThanOrEqual(500);
    const lives = await Promise.all(keys.map((key) => client.pttl(key)));
    expect(Math.min(...lives)).toBeGreaterThan(0);
    expect(Math.max(...lives)).toBeLessThanOrEqual(HOUR_MS);
    await redis.flush();
  });

  it('because its server died says so in a sentence, and leaves nothing', async () => {
    const at = places();
    const run = await caught('step', at, inMemory);
    const servers = processesWith(at.tmp).filter(
      (pid) => !/^sh\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'latin1')),
    );
    expect(servers).toHaveLength(1);
    process.kill(Number(servers[0]), 'SIGKILL');
    const { code, errorLines } = await run.finished;
    expect(code).toBe(5);
    expect(errorLines.at(-1)).toMatch(/^sess2redis: unix:.*redis\.sock/);
    await until(() => leftIn(at).length === 0);
  });
});

describe('bench on a small disk', () => {
  const disk = join(work, 'disk');
  mkdirSync(disk);

  it('writes what it holds with the reserve kept, says so, and goes on with these', async ({ skip }) => {
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32m,mode=777', 'none', disk]);
    skip(status !== 0, 'only root may mount a small disk');
    onTestFinished(() => void spawnSync('umount', [disk]));
    const at = places();
    const line = ['bench', '--sessions', '500,12k', '--files', disk, '--odoo', '15', '--json'];
    const { code, lines, stderr } = await cli.run(line, at.options);
    expect(stderr).toMatch(/the disk holds [\d,]+ of 12,000 files with 3\.20 MiB and a tenth of its inodes left free/);
    expect(code).toBe(0);
    const files = ofType(lines, 'files');
    expect(files).toHaveLength(2);
    const held = files[1]?.sessions as number;
    // A page for each file, in nine tenths of 32 MiB.
    expect(held).toBeGreaterThan(6000);
    expect(held).toBeLessThanOrEqual((0.9 * 32 * 2 ** 20) / 4096);
    expect(ofType(lines, 'migrate-rate')).toMatchObject([{ sessions: held, written: held }]);
    expect(ofType(lines, 'files-deleted')).toMatchObject([{ sessions: held }]);
    expect(readdirSync(disk)).toEqual([]);
  });
});
