// The applications whose real writers and readers the slow tests run: PHP with phpredis, igbinary, Predis, Symfony and
// Laravel, Django with two readers, express with its stores. What the system lacks is unpacked into .cache/;
// .cache/applications.json then says how each is started, or why it can't be.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LIBRARIES, UNPACKED, unpackPackages } from './debian-packages.mjs';
import { CACHE } from './project-path.mjs';

const PINNED = fileURLToPath(new URL('../test/applications/real/express/', import.meta.url));
const EXPRESS = join(CACHE, 'express');

/** What each needs of Debian, and words that fail where it is not there. */
const APPLICATIONS = {
  php: {
    start: php,
    packages: ['php-cli', 'php-redis', 'php-igbinary', 'php-mbstring'],
    check: ['-r', 'exit((int) !(class_exists("Redis") && function_exists("igbinary_serialize")));'],
  },
  predis: { start: php, packages: ['php-nrk-predis'], check: requires('Predis') },
  symfony: {
    start: php,
    packages: ['php-symfony-http-foundation'],
    check: requires('Symfony/Component/HttpFoundation'),
  },
  laravel: {
    start: php,
    packages: ['php-illuminate-session', 'php-illuminate-cache', 'php-illuminate-redis', 'php-illuminate-filesystem'],
    check: requires('Illuminate/Session', 'Illuminate/Filesystem', 'Illuminate/Cache', 'Illuminate/Redis'),
  },
  django: {
    start: python,
    packages: ['python3', 'python3-django', 'python3-django-redis-sessions', 'python3-django-redis'],
    check: ['-c', 'import django, redis_sessions, django_redis'],
  },
};

/** Brings what is missing, and writes down how each is started. Says in one sentence what can't be had. */
export function prepareApplications() {
  const absent = Object.values(APPLICATIONS).filter((application) => !isThere(application));
  if (absent.length > 0) {
    console.error(`setup: unpacking Debian's PHP and Django, as far as they are missing, into ${CACHE}`);
    unpackPackages(absent.map(({ packages }) => packages));
  }
  const isExpressThere = prepareExpress();
  const found = Object.entries(APPLICATIONS).map(([name, application]) => [
    name,
    isThere(application) ? { command: application.start() } : { missing: `there is no ${application.packages.at(-1)}` },
  ]);
  const node = ['env', `NODE_PATH=${join(EXPRESS, 'node_modules')}`, process.execPath];
  found.push(['express', isExpressThere ? { command: node } : { missing: 'the npm registry gave no express-session' }]);
  for (const [name, { missing }] of found) {
    if (missing) console.error(`setup: ${missing}: the tests with the real ${name} will be skipped`);
  }
  writeFileSync(join(CACHE, 'applications.json'), `${JSON.stringify(Object.fromEntries(found), null, 2)}\n`);
}

function isThere({ start, check }) {
  const [program, ...words] = start();
  return spawnSync(program, [...words, ...check], { stdio: 'ignore' }).status === 0;
}

function requires(...libraries) {
  return ['-r', libraries.map((library) => `require "${library}/autoload.php";`).join(' ')];
}

/** PHP without the settings of the system, so that it is the same on every machine. */
function php() {
  const program = ownProgram(/^php\d+\.\d+$/) ?? '/usr/bin/php';
  const words = ['env', LIBRARIES, program, '-n'];
  const { stdout } = spawnSync('env', [...words.slice(1), '-r', 'echo PHP_EXTENSION_DIR;'], { encoding: 'utf8' });
  const directories = [join(UNPACKED, stdout ?? ''), stdout ?? ''];
  for (const name of ['mbstring', 'ctype', 'tokenizer', 'igbinary', 'redis']) {
    const path = directories.map((directory) => join(directory, `${name}.so`)).find(existsSync);
    if (path !== undefined) words.push('-d', `extension=${path}`);
  }
  return [...words, '-d', `include_path=${join(UNPACKED, 'usr/share/php')}:/usr/share/php`];
}

/** The system's Python and not one of the user's own, for which Debian has no packages. */
function python() {
  const program = ownProgram(/^python3\.\d+$/) ?? '/usr/bin/python3';
  return ['env', LIBRARIES, `PYTHONPATH=${join(UNPACKED, 'usr/lib/python3/dist-packages')}`, program, '-B'];
}

/** A program that was unpacked here. */
function ownProgram(form) {
  const directory = join(UNPACKED, 'usr/bin');
  const name = existsSync(directory) && readdirSync(directory).find((each) => form.test(each));
  return name ? join(directory, name) : undefined;
}

function prepareExpress() {
  const lock = join(EXPRESS, 'package-lock.json');
  const isSame = existsSync(lock) && readFileSync(lock).equals(readFileSync(join(PINNED, 'package-lock.json')));
  if (isSame && existsSync(join(EXPRESS, 'node_modules/.package-lock.json'))) return true;
  mkdirSync(EXPRESS, { recursive: true });
  cpSync(PINNED, EXPRESS, { recursive: true });
  console.error(`setup: npm ci of the express family in ${EXPRESS}`);
  // connect-redis 10 asks for Node 22, and runs on 20: a warning that would be in the way.
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  return spawnSync('npm', words, { cwd: EXPRESS, stdio: ['ignore', 2, 2] }).status === 0;
}
