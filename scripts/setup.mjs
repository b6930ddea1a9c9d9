// Makes a fresh clone ready: dependencies, dist/, a Redis server, and what the tests look at the program with (a browser
// and a terminal). Run by `npm test` and `npm run demo`.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CACHE, PROGRAMS } from './project-path.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What Debian's redis-server needs beyond a base system. */
const REDIS_PACKAGES = [
  'redis-server',
  'redis-tools',
  'libjemalloc2',
  'liblzf1',
  'libatomic1',
  'libssl3',
  'libsystemd0',
];

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

/** Without root: fetches Debian's packages with lists of its own, and unpacks them below the project. */
function unpackRedis() {
  console.error(`setup: unpacking Debian's redis-server into ${CACHE}`);
  const apt = join(CACHE, 'apt');
  const unpacked = join(CACHE, 'root');
  for (const directory of [join(apt, 'lists/partial'), join(apt, 'archives/partial'), unpacked, PROGRAMS]) {
    mkdirSync(directory, { recursive: true });
  }
  const places = { 'Dir::State::Lists': join(apt, 'lists'), 'Dir::Cache': apt, 'APT::Sandbox::User': '' };
  const options = Object.entries(places).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const quiet = { cwd: apt, stdio: ['ignore', 'ignore', 'inherit'] };
  spawnSync('apt-get', [...options, 'update', '-qq'], quiet);
  spawnSync('apt-get', [...options, 'download', '-qq', ...REDIS_PACKAGES], quiet);
  for (const name of readdirSync(apt).filter((each) => each.endsWith('.deb'))) {
    spawnSync('dpkg', ['-x', join(apt, name), unpacked], quiet);
  }
  rmSync(apt, { recursive: true, force: true });
  if (!existsSync(join(unpacked, 'usr/bin/redis-server'))) return;
  for (const name of readdirSync(join(unpacked, 'usr/bin')).filter((each) => each.startsWith('redis-'))) {
    const libraries = `"${unpacked}/usr/lib/$(uname -m)-linux-gnu:${unpacked}/lib/$(uname -m)-linux-gnu"`;
    const wrapper = `#!/bin/sh\nLD_LIBRARY_PATH=${libraries} exec "${unpacked}/usr/bin/${name}" "$@"\n`;
    writeFileSync(join(PROGRAMS, name), wrapper);
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

function onPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, program)));
}

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}
