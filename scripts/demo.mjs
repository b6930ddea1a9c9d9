// The main job on a private Redis server: audit, migrate, migrate again, explain. Without a directory it generates a
// store of 20,000 sessions first; a directory of yours is only read. `--app laravel` and what else begins with dashes
// is handed on to each command. Leaves nothing behind.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, opendirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import './project-path.mjs';

const bin = fileURLToPath(new URL('../bin/sess2redis.js', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'sess2redis-demo-'));
const socket = join(work, 'redis.sock');
const target = `unix://${socket}`;
let server;
/** The file that is explained. */
let session = null;

process.on('exit', () => {
  server?.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** Files among which one is looked for to explain, and the size from which a session is likely a login. */
const CANDIDATES = 200;
const LOGIN_BYTES = 200;
const MOST_DEPTH = 3;
/** The id in a file's name, of which the first characters are shown. */
const ID = /^(werkzeug_|sess_)?(.{8}).*$/;

/** What the reader of an application can't do without, as an operator would find it in its configuration. */
const NEEDED = { laravel: ['--client-prefix=shop_database_', '--store-prefix=shop_cache_'] };

const words = process.argv.slice(2).map((word, i, all) => (all[i - 1] === '--app' ? `--app=${word}` : word));
const given = words.find((word) => !word.startsWith('--'));
const named = words.filter((word) => word.startsWith('--') && word !== '--app');
const application = named.find((word) => word.startsWith('--app='))?.slice('--app='.length) ?? 'odoo';
const lacking = (NEEDED[application] ?? []).filter((word) => !named.some((one) => one.startsWith(word.split('=')[0])));
const reader = [...named, ...lacking];
const junk = application === 'odoo' ? ['--junk', '100'] : [];
const store = given === undefined ? join(work, 'sessions') : resolve(given);
if (given === undefined) step('generate', store, '--sessions', '20k', ...junk, ...reader);
await startServer();
step('audit', store, ...reader);
for (let pass = 0; pass < 2; pass++) {
  step('migrate', store, '--to', target, '--state-dir', join(work, 'state'), ...reader);
}
session = someSession(store);
if (session !== null) step('explain', session, '--to', target, ...reader);
console.log('\nThe private Redis server, the state and the generated store are gone now; nothing else was touched.');
process.exit(0);

/** Runs one command as a person would; 0 and 3 (complete, some files rejected) let the demo go on. */
function step(...words) {
  // A session id is a password, also in a path.
  const shown = words.map((word) =>
    word === session ? join(dirname(word), basename(word).replace(ID, '$1$2*')) : word,
  );
  console.log(`\n$ sess2redis ${shown.join(' ').replaceAll(work, '$TMP')}`);
  const { status } = spawnSync(process.execPath, [bin, ...words], { stdio: ['ignore', 'inherit', 'inherit'] });
  console.log(`(exit code ${status})`);
  if (status !== 0 && status !== 3) process.exit(status ?? 1);
}

async function startServer() {
  const directories = (process.env.PATH ?? '').split(delimiter);
  const program = ['redis-server', 'valkey-server']
    .flatMap((name) => directories.map((directory) => join(directory, name)))
    .find((path) => existsSync(path));
  mkdirSync(join(work, 'data'));
  const options = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--unixsocketperm',
    '700',
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  server = spawn(program, [...options, '--dir', join(work, 'data')], { stdio: 'ignore' });
  for (let tries = 0; tries < 500 && !existsSync(socket); tries++) await new Promise((done) => setTimeout(done, 20));
  if (!existsSync(socket)) throw new Error(`${program} did not start`);
}

/** The file last saved among some that look like logins: one that most likely moved. Null for a store without any. */
function someSession(directory) {
  const candidates = [];
  collect(directory, candidates, 0);
  const newest = candidates.filter(({ size }) => size > LOGIN_BYTES).sort((a, b) => b.mtimeMs - a.mtimeMs)[0];
  return newest?.path ?? null;
}

function collect(directory, candidates, depth) {
  const inner = [];
  const entries = opendirSync(directory);
  for (let entry = entries.readSync(); entry !== null && candidates.length < CANDIDATES; entry = entries.readSync()) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) inner.push(path);
    // What begins with a dot, or ends in a word with one, is no session of most applications.
    else if (entry.isFile() && /^[\w%-]{20,}(\.sess|\.json)?$/.test(entry.name)) {
      candidates.push({ path, ...pick(lstatSync(path)) });
    }
  }
  entries.closeSync();
  for (const path of depth < MOST_DEPTH ? inner : []) {
    if (candidates.length < CANDIDATES) collect(path, candidates, depth + 1);
  }
}

function pick({ size, mtimeMs }) {
  return { size, mtimeMs };
}
