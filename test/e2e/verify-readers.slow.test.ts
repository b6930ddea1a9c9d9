import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { Cli, type Summary, total } from '../support/cli.js';
import { READERS } from '../support/reader-options.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

const scriptOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const store = join(work, 'sessions');
const manifest = join(work, 'manifest.pickle');
const redis = RedisServer.forFile(work);

function python(script: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('python3', ['-B', scriptOf(script), ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`);
  return stdout;
}

/** Sessions that Odoo has replaced may end within the test, which their keys do as well. */
function expectAllMatch({ outcomes }: Summary, written: number, before: Record<string, number>): void {
  const { match = 0, rotated = 0, ...others } = outcomes;
  const { rotated: rotatedBefore = 0, ...othersBefore } = before;
  expect(match + rotated).toBe(written + rotatedBefore);
  expect(rotated).toBeLessThan(10);
  expect(others).toEqual(othersBefore);
}

it('covers every profile that there is', async () => {
  const { lines } = await cli.run(['profiles', '--json']);
  const names = lines.filter(({ type }) => type === 'profile').map(({ name }) => name);
  expect(names.sort()).toEqual([...new Set(READERS.map(([, , [profile]]) => profile))].sort());
});

describe.skipIf(!hasPython)('after a migrate', () => {
  beforeAll(() => {
    mkdirSync(store);
    python('readers.py', 'write', store, manifest);
  });

  it.each(READERS)(
    'for %s with prefix "%s" everything matches, as written and as saved again in other words',
    async (...row) => {
      const [reader, prefix, profile] = row;
      await redis.flush();
      const own = ['--lanes', '1', '--state-dir', join(work, `state of ${reader} ${prefix}`)];
      const words = [store, '--to', redis.url, ...own, '--profile', ...profile];
      if (prefix !== '') words.push('--prefix', prefix);
      const migrated = await cli.summary(['migrate', ...words]);
      const { written = 0, ...rest } = migrated.outcomes;
      // A reader of ids of one length takes the fewest.
      expect(written).toBeGreaterThan(15);

      const verified = await cli.summary(['verify', ...words]);
      expectAllMatch(verified, written, rest);
      expect(verified).toMatchObject({ listed: migrated.listed, different: 0, exitCode: migrated.exitCode });

      const changed = Number(python('resave.py', manifest, redis.socket, reader, prefix));
      // A reader of files as they are has no words of its own.
      if (reader !== 'generic-verbatim') expect(changed).toBeGreaterThan(written / 2);
      const again = await cli.run(['verify', ...words, '--json']);
      const differences = again.lines.filter(({ type }) => type === 'difference');
      expect(differences).toEqual([]);
      expectAllMatch(again.summary, written, rest);
      expect(total(again.summary.outcomes)).toBe(again.summary.listed);
    },
  );
});
