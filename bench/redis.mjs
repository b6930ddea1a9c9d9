/** A private, empty redis-server per measurement: unix socket in a temporary directory, nothing saved, ended by pid. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { start } from './child.mjs';
import { whenLeaving } from './leaving.mjs';

const READY_WITHIN_MS = 10_000;

export async function startRedis(temporary) {
  const directory = mkdtempSync(join(temporary, 'redis-'));
  const forget = whenLeaving(() => rmSync(directory, { recursive: true, force: true }));
  const socket = join(directory, 'r.sock');
  const child = start(
    'redis-server',
    ['--port', '0', '--unixsocket', socket, '--dir', directory, '--save', '', '--appendonly', 'no'],
    { stdio: 'ignore' },
  );
  let failure;
  child.once('error', (error) => {
    failure = error;
  });
  const gone = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!answers(socket)) {
    if (failure) throw failure;
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`redis-server does not answer on ${socket}`);
    await sleep(20);
  }
  return {
    socket,
    /** One line per command, as redis-cli prints it: enough for counts and for our one-line values. */
    ask: (...commands) => ask(socket, commands),
    async stop() {
      // Nothing in it is worth a shutdown, and freeing a million keys one by one takes seconds.
      child.kill('SIGKILL');
      await gone;
      rmSync(directory, { recursive: true, force: true });
      forget();
    },
  };
}

function ask(socket, commands) {
  const input = `${commands.join('\n')}\n`;
  return execFileSync('redis-cli', ['-s', socket], { input, encoding: 'utf8', stdio: 'pipe' }).trimEnd().split('\n');
}

function answers(socket) {
  try {
    return ask(socket, ['PING'])[0] === 'PONG';
  } catch {
    return false;
  }
}
