// Installs the packed tarball into an empty directory and runs it there, on this Node and on Node 24; then does what the
// Dockerfile says, and runs its entry point.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageOf } from './image.mjs';
import './project-path.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'sess2redis-smoke-'));
const socket = join(work, 'redis.sock');
const quiet = { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' };
let server;
process.on('exit', () => {
  server?.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
});

const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', work], { ...quiet, cwd: root });
const [{ filename, files }] = JSON.parse(packed.slice(packed.indexOf('[')));
const app = join(work, 'app');
mkdirSync(app);
execFileSync('npm', ['init', '-y'], { ...quiet, cwd: app });
execFileSync('npm', ['install', '--no-audit', '--no-fund', join(work, filename)], { ...quiet, cwd: app });
console.log(`smoke: ${filename}, ${files.length} files`);

server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', ''], { stdio: 'ignore', cwd: work });
for (let tries = 0; tries < 500 && !existsSync(socket); tries++) await new Promise((done) => setTimeout(done, 20));

const bin = join(app, 'node_modules/sess2redis/bin/sess2redis.js');
for (const [db, node] of [[process.execPath], ['npx', '-y', 'node@24']].entries()) {
  const run = (...words) => execFileSync(node[0], [...node.slice(1), ...words], { ...quiet, cwd: app });
  const version = run('--version').trim();
  if (!run(bin, '--help').includes('migrate')) fail(`--help on ${version} does not name migrate`);
  const store = join(work, `store-${db}`);
  run(bin, 'generate', store, '--sessions', '500');
  const lines = run(
    bin,
    'migrate',
    store,
    '--to',
    `unix://${socket}?db=${db}`,
    '--state-dir',
    join(work, `state-${db}`),
    '--json',
  );
  const summary = JSON.parse(lines.trim().split('\n').at(-1));
  if (summary.listed !== 500 || !(summary.outcomes.written > 0)) fail(`migrate on ${version} gave ${lines}`);
  console.log(`smoke: ${version}: ${summary.outcomes.written} of ${summary.listed} sessions written`);
}

const image = imageOf(root, join(work, 'image'));
const inImage = (...words) => execFileSync(image.entryPoint, words, { ...quiet, cwd: image.directory, env: image.env });
if (!inImage(...image.command).includes('migrate')) fail('the entry point of the image does not name migrate');
const audited = JSON.parse(inImage('audit', join(work, 'store-0'), '--json').trim().split('\n').at(-1));
if (audited.listed !== 500) fail(`audit in the image gave ${JSON.stringify(audited)}`);
console.log(`smoke: Dockerfile: ${image.runs} RUN lines, ${Math.round(image.bytes / 2 ** 20)} MiB beside Node`);
process.exit(0);

function fail(message) {
  console.error(`smoke: ${message}`);
  process.exit(1);
}
