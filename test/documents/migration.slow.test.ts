import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';
import { commandsOf, type DocumentedCommand, DocumentedHost } from './documented-host.js';

const guide = readFileSync(fileURLToPath(new URL('../../MIGRATION.md', import.meta.url)), 'utf8');
const work = makeWorkspace();

/** Lines that act on a terminal or the machine and leave nothing here; a test below sees that each is in the guide. */
const CONFIGURATION = /```yaml\n(.*?)```/s.exec(guide)?.[1] ?? '';

let host: DocumentedHost;
let redis: RedisServer;
let played: DocumentedCommand[];
let sessions = '';
let turn = 0;

/** A host with Odoo 17's sessions, of whom one in 250 is no session, and a Redis with users and nothing else. */
beforeEach(async () => {
  const root = join(work, `host-${++turn}`);
  mkdirSync(join(root, 'home'), { recursive: true });
  const users = join(root, 'users.acl');
  writeFileSync(users, '');
  redis = await RedisServer.forTest(work, ['--port', 'free', '--aclfile', users, '--protected-mode', 'no']);
  const rehearsalPort = await freePort();
  host = new DocumentedHost(root, [
    ['redis-server --port 6390', `redis-server --dir ${root} --port ${rehearsalPort}`],
    ['redis-cli -p 6390', `redis-cli -p ${rehearsalPort}`],
    ['redis://localhost:6390', `redis://localhost:${rehearsalPort}`],
    ['redis://redis.internal:6379', `redis://localhost:${redis.port}`],
    ['redis-cli -h redis.internal', `redis-cli -p ${redis.port}`],
    ['/etc/sess2redis', `${root}/etc`],
    ['/var/lib/sess2redis', `${root}/state`],
    ['/var/lib/odoo', `${root}/odoo`],
    [' -o odoo', ''],
    [' -g odoo', ''],
    ['cd / &&', ''],
    // Five minutes are three passes of a second, after which somebody presses Ctrl-C.
    ['--every 5m', '--every 1s & pid=$!; sleep 12; kill -INT $pid; wait $pid'],
  ]);
  sessions = join(root, 'odoo/sessions');
  mkdirSync(join(root, 'odoo'));
  const made = host.play('sess2redis generate /var/lib/odoo/sessions --sessions 3000 --junk 12 --odoo 17');
  expect(made.code, made.text).toBe(0);
  played = [];
});

/** Plays every command of these sections in turn; each ends with one of `codes`. */
function follow(headings: readonly string[], between: (command: string) => void = () => {}): void {
  for (const heading of headings) {
    const commands = commandsOf(guide).filter(({ section }) => section === heading);
    expect(commands, heading).not.toEqual([]);
    for (const command of commands) {
      between(command.text);
      const { code, text } = host.play(command.text, typed(command.text));
      const wanted = command.text.includes('--every') ? [130] : command.text.includes('sess2redis') ? [0, 3] : [0];
      expect(wanted, `${command.text}\n${text}`).toContain(code);
      played.push(command);
    }
  }
}

/** What the guide says to type or paste. */
function typed(command: string): string {
  if (command.includes('redis-password') && command.includes('/dev/stdin')) return 'pa ss#1\n';
  return command.includes('config.yaml') ? host.here(CONFIGURATION) : '';
}

const sidsOnDisk = () => readdirSync(sessions).flatMap((shard) => filesOf(join(sessions, shard)));
const keysInRedis = async () => (await redis.client().keys('session::shop:*')).sort();

function filesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

describe('MIGRATION.md, followed line by line', () => {
  it('moves a small shop in one freeze', async () => {
    follow(['Prepare', 'Rehearse', 'A small shop: one freeze, one migrate']);
    const keys = await keysInRedis();
    expect(keys.length).toBeGreaterThan(1000);
    expect(keys.filter((key) => !sidsOnDisk().includes(key.slice('session::shop:'.length)))).toEqual([]);
    expect(played.length).toBeGreaterThan(15);
  });

  it('moves a large shop while its users log in and out, and brings it back', async () => {
    const client = redis.client();
    let loggedOut = '';
    follow(['Prepare', 'Rehearse', 'A large shop: bulk, sync, a short freeze'], (command) => {
      // During the sync somebody logs out, and the freeze sees one more logout and one more save.
      if (command.includes('--final') && loggedOut === '') {
        const [shard, sid] = lastMoved();
        loggedOut = `session::shop:${sid}`;
        rmSync(join(sessions, shard, sid));
        const [other, saved] = lastMoved();
        utimesSync(join(sessions, other, saved), new Date(), new Date());
      }
    });
    expect(loggedOut).not.toBe('');
    expect(await client.exists(loggedOut)).toBe(0);
    const keys = await keysInRedis();
    expect(readFileSync(host.calls, 'utf8')).toContain('systemctl disable --now sess2redis-sync.timer');

    follow(['Roll back']);
    const back = readdirSync(join(host.root, 'odoo/sessions.back')).flatMap((shard) =>
      filesOf(join(host.root, 'odoo/sessions.back', shard)),
    );
    expect(back.length).toBeGreaterThan(1000);
    expect(back.filter((sid) => !keys.includes(`session::shop:${sid}`))).toEqual([]);
    expect(keys.length - back.length).toBe(0);
  });

  it('control: a command that fails is noticed', () => {
    expect(host.play('sess2redis migrate /var/lib/odoo/other').code).toBe(2);
    expect(() => follow(['A small shop: one freeze, one migrate'])).toThrow();
  });
});

/** A session of the store that was saved within its lifetime: its shard and id. */
function lastMoved(): [string, string] {
  for (const shard of readdirSync(sessions).sort())
    for (const sid of filesOf(join(sessions, shard)).sort())
      if (sid.length > 30 && /^[0-9a-f]+$/.test(sid)) return [shard, sid];
  throw new Error('the store has no session');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
