import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';
import { commandsOf, DocumentedHost, firstMissing, type Played } from './documented-host.js';

const rooted = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const readme = readFileSync(rooted('README.md'), 'utf8');
const work = makeWorkspace();
const redis = RedisServer.forFile(work, ['--port', 'free']);

/** What `npm run smoke` and CI do from a fresh clone. */
const PLAYED_ELSEWHERE = [/^git clone /, /^npm run demo\b/, /^npm pack /, /^docker /];

describe('README.md, followed line by line', () => {
  it('has commands that end as they should, with output of the shape that is shown', () => {
    const root = join(work, 'srv');
    mkdirSync(join(root, 'home'), { recursive: true });
    const host = new DocumentedHost(root, [
      ['127.0.0.1:6379', `127.0.0.1:${redis.port}`],
      ['localhost:6379', `localhost:${redis.port}`],
      ['/srv/', `${root}/`],
      ['/var/lib/php', `${root}/php`],
    ]);
    mkdirSync(join(root, 'php'));
    for (const words of ['sessions --sessions 4k --odoo 19', '/var/lib/php/sessions --app php --sessions 300'])
      expect(host.play(`sess2redis generate ${words}`).code).toBe(0);

    const commands = commandsOf(readme);
    const here = commands.filter(({ text }) => !PLAYED_ELSEWHERE.some((each) => each.test(text)));
    expect(commands.length - here.length).toBeGreaterThan(1);
    expect(here.map(({ text }) => text.split(' ')[1])).toEqual(['audit', 'migrate', 'sync', 'verify', 'migrate']);
    for (const { text, output } of here) {
      if (text.includes('--final')) changeSome(join(root, 'sessions'));
      const { code, text: shown }: Played = host.play(text);
      expect(code, `${text}\n${shown}`).toBe(0);
      if (!text.includes('--app')) expect(output.length, text).toBeGreaterThan(1);
      expect(
        firstMissing(
          output.map((line) => host.here(line)),
          shown,
        ),
        `${text}\n${shown}`,
      ).toBeNull();
    }
  });

  it('control: a line of another shape is noticed', () => {
    expect(firstMissing(['  moved  written  13,557  in Redis'], '  moved written 2 now in Redis')).not.toBeNull();
    expect(firstMissing(['b', 'a'], 'a\nb')).toBe('a');
  });
});

/** Two sessions are saved anew, one is logged out. */
function changeSome(sessions: string): void {
  const shards = readdirSync(sessions).sort();
  const files = shards.flatMap((shard) =>
    readdirSync(join(sessions, shard)).map((name) => join(sessions, shard, name)),
  );
  for (const path of files.slice(0, 2)) utimesSync(path, new Date(), new Date());
  rmSync(files[2] as string);
}
