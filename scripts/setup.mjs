// Makes a fresh clone ready: dependencies, dist/, and a Redis server binary. Run by `npm test` and `npm run demo`.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

installDependencies();
execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
installRedis();

function installDependencies() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return;
  console.error('setup: npm install');
  // Not `npm ci`: it refuses a lock file that lacks the binaries of other platforms, which not every registry serves.
  // The versions are the lock file's all the same, and --no-save leaves it as it is.
  const { status } = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) fail('npm install failed: see above; it needs the npm registry');
}

function installRedis() {
  if (onPath('redis-server') || onPath('valkey-server')) return;
  const advice =
    'install Redis 6.2 or later (or Valkey) so that redis-server or valkey-server is on PATH, then run this again';
  if (!onPath('apt-get') || process.getuid?.() !== 0) fail(`there is no redis-server on PATH: ${advice}`);
  console.error('setup: apt-get install redis-server');
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'redis-server'], options);
  if (!onPath('redis-server')) fail(`apt-get could not install redis-server: ${advice}`);
}

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, program)));
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
