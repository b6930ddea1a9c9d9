// Makes a fresh clone ready: dependencies, dist/, a Redis server, and what the tests look at the program with (a browser
// and a terminal). Run by `npm test` and `npm run demo`; with --applications, for the slow tests, also the applications
// whose sessions are moved.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIBRARIES, onPath, UNPACKED, unpackPackages } from './debian-packages.mjs';
import { CACHE, PROGRAMS } from './project-path.mjs';
import { prepareApplications } from './real-applications.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

installDependencies();
execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' });
installRedis();
if (process.env.npm_lifecycle_event === 'pretest') {
  installForTests('chromium', ['chromium', 'chromium-browser', 'google-chrome'], 'the HTML report');
  installForTests('tmux', ['tmux'], 'the live line');
}
if (process.argv.includes('--applications')) prepareApplications();

function installDependencies() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return;
  console.error('setup: npm ci');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) fail('npm ci failed: see above; it needs the npm registry');
}

function installRedis() {
  if (onPath('redis-server') || onPath('valkey-server')) return;
  if (canInstall()) install('redis-server');
  else if (onPath('apt-get') && onPath('dpkg')) unpackRedis();
  if (onPath('redis-server')) return;
  fail(
    'there is no redis-server on PATH, and none could be installed: run `apt-get install redis-server` as root, ' +
      '`dnf install redis`, `apk add redis` or `brew install redis` (Redis 6.2 or later, or Valkey), then run this again',
  );
}

/** Without root: Debian's packages below the project, and a program of the same name that starts each. */
function unpackRedis() {
  console.error(`setup: unpacking Debian's redis-server into ${CACHE}`);
  unpackPackages([['redis-server']]);
  const programs = join(UNPACKED, 'usr/bin');
  if (!existsSync(join(programs, 'redis-server'))) return;
  mkdirSync(PROGRAMS, { recursive: true });
  for (const name of readdirSync(programs).filter((each) => each.startsWith('redis-'))) {
    writeFileSync(join(PROGRAMS, name), `#!/bin/sh\nexec env "${LIBRARIES}" "${join(programs, name)}" "$@"\n`);
    chmodSync(join(PROGRAMS, name), 0o755);
  }
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

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
