// Makes a fresh clone ready: dependencies, dist/, a Redis server, and what the tests look at the program with (a browser
// and a terminal). Run by `npm test` and `npm run demo`.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

installDependencies();
execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
installRedis();
if (process.env.npm_lifecycle_event === 'pretest') {
  installForTests('chromium', ['chromium', 'chromium-browser', 'google-chrome'], 'the HTML report');
  installForTests('tmux', ['tmux'], 'the live line');
}

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
  if (!canInstall()) fail(`there is no redis-server on PATH: ${advice}`);
  install('redis-server');
  if (!onPath('redis-server')) fail(`apt-get could not install redis-server: ${advice}`);
}

/** Tests that need it are skipped where it can't be had. */
function installForTests(name, programs, what) {
  if (programs.some(onPath)) return;
  if (canInstall()) install(name);
  if (!programs.some(onPath)) console.error(`setup: there is no ${name}: the tests of ${what} will be skipped`);
}

function canInstall() {
  return onPath('apt-get') && process.getuid?.() === 0;
}

function install(name) {
  console.error(`setup: apt-get install ${name}`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  spawnSync('apt-get', ['update', '-qq'], options);
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], options);
}

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, program)));
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
