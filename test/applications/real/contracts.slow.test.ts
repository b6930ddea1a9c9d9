import { mkdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { Cli } from '../../support/cli.js';
import { RedisServer } from '../../support/redis-server.js';
import { makeWorkspace } from '../../support/workspace.js';
import { type Contents, describeReal, type RealSession, runIn } from './real-application.js';

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const redis = RedisServer.forFile(work);
beforeEach(() => redis.flush());

/** By contract: whose sessions they are for sess2redis. */
const CONTRACTS: readonly (readonly [contract: string, ...words: string[]])[] = [
  ['codeigniter', '--app', 'codeigniter'],
  ['codeigniter3', '--app', 'codeigniter3'],
  ['opencart', '--app', 'opencart', '--cache-prefix', 'oc'],
  ['thinkphp', '--app', 'thinkphp', '--cache-prefix', 'think:'],
  ['thinkphp-packed', '--app', 'thinkphp', '--cache-prefix', 'think:'],
  ['thinkphp5', '--app', 'thinkphp5', '--session-name', 'tp5'],
  ['cakephp', '--app', 'cakephp'],
  ['yii', '--app', 'yii', '--prefix', 'y1i2:'],
  ['yii-cache', '--app', 'yii-cache', '--prefix', 'y1i2'],
  ['moodle', '--app', 'moodle', '--prefix', 'mdl_'],
  ['nextcloud', '--app', 'nextcloud'],
  ['phpmyadmin', '--app', 'phpmyadmin'],
  ['laminas', '--app', 'laminas'],
  ['laravel-9', '--app', 'laravel', '--client-prefix', 'laravel_database_', '--store-prefix', 'laravel_cache_:'],
  ['laravel-11-json', '--app', 'laravel', '--client-prefix', 'laravel_database_', '--store-prefix', 'laravel_cache_'],
  [
    'laravel-12-encrypted',
    '--app',
    'laravel',
    '--client-prefix',
    'laravel-database-',
    '--store-prefix',
    'laravel-cache-',
  ],
];

describeReal('php', 'files of an application that no package has', () => {
  it.each(CONTRACTS)('are found by its reader, as its source says it looks for them: %s', async (contract, ...rest) => {
    const files = join(work, contract);
    mkdirSync(files, { mode: 0o700 });
    const written = JSON.parse(runIn('php', 'contracts.php', ['write', contract, files])) as Record<
      string,
      RealSession
    >;
    const all = Object.values(written);
    const savedMs = Math.floor(Date.now() / 1000) * 1000 - 600_000;
    for (const { file } of all) utimesSync(join(files, file), savedMs / 1000, savedMs / 1000);
    const words = [...rest, '--json'];
    const migrate = await cli.run(['migrate', files, ...words, '--to', redis.url]);
    expect(migrate.errorLines).toEqual([]);
    expect(migrate.summary.outcomes).toEqual({ written: all.length });

    const read = () => {
      const ids = JSON.stringify(all.map(({ id }) => id));
      return JSON.parse(runIn('php', 'contracts.php', ['read', contract, redis.socket], ids)) as Contents;
    };
    const contents = Object.fromEntries(all.map(({ id, content }) => [id, content]));
    expect(read()).toEqual(contents);
    const [{ id, file, lifetime }] = all as [Required<RealSession>];
    const ends = [...(await redis.contents()).values()].map(({ expiryMs }) => expiryMs);
    expect(new Set(ends)).toEqual(new Set([savedMs + lifetime * 1000]));

    rmSync(join(files, file));
    const sync = await cli.run(['sync', files, ...words, '--to', redis.url, '--max-delete', '100%']);
    expect(sync.summary).toMatchObject({ deletes: { deleted: 1 }, exitCode: 0 });
    expect(read()).toEqual({ ...contents, [id]: null });

    // A digest does not say whose session it is.
    if (contract.startsWith('yii')) return;
    const back = join(work, `${contract}-back`);
    const exported = await cli.run(['export', back, ...words, '--from', redis.url]);
    expect(exported.errorLines).toEqual([]);
    for (const each of all.slice(1)) {
      // What was packed comes back unpacked, which the file store reads as well only if it does not pack.
      if (contract !== 'thinkphp-packed')
        expect(readFileSync(join(back, each.file)).equals(readFileSync(join(files, each.file)))).toBe(true);
      expect(Math.abs(statSync(join(back, each.file)).mtimeMs - savedMs)).toBeLessThan(2);
    }
  });
});
