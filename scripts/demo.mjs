// The main job on a private Redis server: audit, migrate, migrate again, explain. Without a directory it generates a
// store of 20,000 sessions first; a directory of yours is only read. Leaves nothing behind.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, opendirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import './project-path.mjs';

const bin = fileURLToPath(new URL('../bin/sess2redis.js', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'sess2redis-demo-'));
const socket = join(work, 'redis.sock');
const target = `unix://${socket}`;
let server;

process.on('exit', () => {
  server?.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

/** Files among which one is looked for to explain, and the size from which a session is likely a login. */
const CANDIDATES = 200;
const LOGIN_BYTES = 200;

const given = process.argv[2];
const store = given === undefined ? join(work, 'sessions') : resolve(given);
if (given === undefined) step('generate', store, '--sessions', '20k', '--junk', '100');
await startServer();
step('audit', store);
step('migrate', store, '--to', target, '--state-dir', join(work, 'state'));
step('migrate', store, '--to', target, '--state-dir', join(work, 'state'));
const session = someSession(store);
if (session !== null) step('explain', session, '--to', target);
console.log('\nThe private Redis server, the state and the generated store are gone now; nothing else was touched.');
process.exit(0);

/** Runs one command as a person would; 0 and 3 (complete, some files rejected) let the demo go on. */
function step(...words) {
  // A session id is a password, also in a path.
  const shown = words.map((word) =>
    word.replace(work, '$TMP').replace(/(werkzeug_|\/)([\w-]{8})[\w-]{32,78}(\.sess)?$/, '$1$2*$3'),
  );
  console.log(`\n$ sess2redis ${shown.join(' ')}`);
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
  collect(directory, /^werkzeug_[a-f0-9]{40}\.sess$/, candidates);
  for (const shard of readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
    if (candidates.length >= CANDIDATES) break;
    collect(join(directory, shard.name), /^[\w-]{40,86}$/, candidates);
  }
  const newest = candidates.filter(({ size }) => size > LOGIN_BYTES).sort((a, b) => b.mtimeMs - a.mtimeMs)[0];
  return newest?.path ?? null;
}

function collect(directory, pattern, candidates) {
  const entries = opendirSync(directory);
  for (let entry = entries.readSync(); entry !== null && candidates.length < CANDIDATES; entry = entries.readSync()) {
    const path = join(directory, entry.name);
    if (entry.isFile() && pattern.test(entry.name)) candidates.push({ path, ...pick(lstatSync(path)) });
  }
  entries.closeSync();
}

function pick({ size, mtimeMs }) {
  return { size, mtimeMs };
}
