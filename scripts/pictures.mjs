// Makes the pictures of README.md from a real run: a store and a Redis server of its own, a migrate on a terminal of 80
// columns and 24 lines (docs/pictures/terminal-*.svg), and the report of an audit (docs/pictures/report-*.png). Needs
// redis-server, script(1) and chromium on PATH.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { drawnScreen, TextScreen } from './text-screen.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'bin/sess2redis.js');
const pictures = join(root, 'docs/pictures');
// The path is in the pictures, so it is a short one; whatever has it already is left alone.
const work = join(tmpdir(), 'shop');
mkdirSync(work);
const socket = join(work, 'redis.sock');
const target = `unix://${socket}`;
const environment = { ...process.env, HOME: work, XDG_STATE_HOME: work, TERM: 'xterm-256color' };
let server;
process.on('exit', () => {
  server?.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
});

const store = join(work, 'sessions');
sess2redis('generate', store, '--sessions', '60k', '--odoo', '19', '--junk', '12');
mkdirSync(join(work, 'data'));
const quiet = ['--port', '0', '--save', '', '--appendonly', 'no', '--maxmemory', '512mb', '--dir', join(work, 'data')];
server = spawn('redis-server', [...quiet, '--unixsocket', socket], { stdio: 'ignore' });
while (!existsSync(socket)) await new Promise((done) => setTimeout(done, 20));

const page = join(work, 'report.html');
sess2redis('audit', store, '--to', target, '--report', page);
await takeReport(page);
const { during, after } = await watchMigrate();
for (const scheme of ['light', 'dark']) {
  writeFileSync(join(pictures, `terminal-${scheme}.svg`), drawnScreen([during, after], scheme));
}
process.exit(0);

/** Runs one command; 3 (some files rejected) is as good as 0 here. */
function sess2redis(...words) {
  const { status } = spawnSync(process.execPath, [bin, ...words], { cwd: work, env: environment, stdio: 'ignore' });
  if (status !== 0 && status !== 3) throw new Error(`sess2redis ${words[0]} ended with ${status}`);
}

/** The terminal in the middle of a migrate, and after it. */
async function watchMigrate() {
  const words = [process.execPath, bin, 'migrate', store, '--to', target];
  const line = `stty cols 80 rows 24; ${words.map((word) => `'${word}'`).join(' ')}`;
  const child = spawn('script', ['-qfec', line, '/dev/null'], { cwd: work, env: environment });
  const screen = new TextScreen();
  let during = null;
  for await (const bytes of child.stdout) {
    screen.write(bytes.toString());
    if (/\([3-8]\d %\).* ETA /.test(screen.text)) during ??= screen.lines().slice(0, screen.height);
  }
  if (during === null) throw new Error('the run was over before it had an ETA: try again on a machine at rest');
  // The live line is gone, and what came after it stands in its place.
  return { during, after: screen.lines().slice(during.length - 1, screen.height) };
}

/** The first screen of a report, light and dark. */
async function takeReport(path) {
  const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((directory) => join(directory, name)))
    .find((program) => existsSync(program));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  for (const colorScheme of ['light', 'dark']) {
    const opened = await browser.newPage({ viewport: { width: 900, height: 620 }, colorScheme });
    await opened.goto(pathToFileURL(path).href);
    await opened.screenshot({ path: join(pictures, `report-${colorScheme}.png`) });
  }
  await browser.close();
}
