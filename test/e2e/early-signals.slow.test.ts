import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Cli, type CliResult, type RunningCli } from '../support/cli.js';
import { hexSid, jsonText, SessionStore } from '../support/store.js';
import { makeWorkspace, until } from '../support/workspace.js';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Ending = keyof typeof SIGNALS;

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const store = new SessionStore(work);
store.flat(hexSid(1), jsonText(1));
for (let n = 0; n < 200; n++) mkdirSync(join(store.directory, n.toString(16).padStart(2, '0')), { recursive: true });
const pause = join(work, 'pause');
writeFileSync(pause, '');

/** A server that takes every connection and says nothing. */
class SilentServer {
  connections = 0;
  url = '';

  static async forTest(): Promise<SilentServer> {
    const silent = new SilentServer();
    const sockets = new Set<net.Socket>();
    const listener = net.createServer((socket) => {
      silent.connections++;
      sockets.add(socket.on('error', () => {}));
      socket.resume();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    silent.url = `redis://127.0.0.1:${(listener.address() as net.AddressInfo).port}`;
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    });
    return silent;
  }
}

const LINES: Record<string, (url: string) => string[]> = {
  migrate: (url) => ['migrate', store.directory, '--to', url],
  sync: (url) => ['sync', store.directory, '--to', url, '--every', '1m'],
  audit: (url) => ['audit', store.directory, '--to', url],
  verify: (url) => ['verify', store.directory, '--to', url],
  export: (url) => ['export', join(work, 'back'), '--from', url, '--odoo', '17', '--profile', 'camptocamp-17'],
  bench: (url) => ['bench', '--to', url, '--odoo', '17', '--profile', 'camptocamp-17'],
  detect: (url) => ['detect', '--to', url],
};

function expectEnd({ code, stderr, summary }: CliResult, name: Ending, command: string): void {
  expect([code, summary.exitCode, summary.command], stderr).toEqual([SIGNALS[name], SIGNALS[name], command]);
  expect(summary.stopped).toMatch(new RegExp(`^interrupted by ${name}: `));
  expect(stderr.match(/interrupted by SIG/g)).toHaveLength(1);
  expect(stderr).toMatch(new RegExp(`^sess2redis: interrupted by ${name}: `, 'm'));
  expect(stderr).not.toMatch(/^ {4}at /m);
}

describe('a server that takes the connection and is silent', () => {
  const cases = Object.keys(LINES).map((command, i) => [command, Object.keys(SIGNALS)[i % 3] as Ending] as const);
  it.each(cases)('%s that waits for it ends at once by %s, and says so', async (command, name) => {
    const silent = await SilentServer.forTest();
    const run = cli.start([...(LINES[command] as (url: string) => string[])(silent.url), '--json']);
    await until(() => silent.connections > 0);
    run.child.kill(name);
    expectEnd(await run.finished, name, command);
  });
});

const [SIGHUP_BIT, SIGTERM_BIT] = [1n << 0n, 1n << 14n];

/** Whether a process has a handler for a signal (proc(5), SigCgt). */
function isCaught(pid: number, bit: bigint): boolean {
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${mask}`) & bit) !== 0n;
}

/** Until the program itself has taken the signals: SIGHUP is the last one, and one that Node has no handler for. */
function untilTaken({ pid }: ChildProcess): Promise<void> {
  const isBegun = () => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sess2redis');
  return until(() => isBegun() && isCaught(pid as number, SIGHUP_BIT));
}

describe.skipIf(!existsSync('/proc/self/status'))('a signal that comes as soon as it can be heard', () => {
  const quiet: Record<string, () => string[]> = {
    ...Object.fromEntries(
      ['migrate', 'verify', 'export', 'bench'].map((command) => [command, () => LINES[command]?.(url) as string[]]),
    ),
    audit: () => ['audit', store.directory, '--pause-file', pause],
    generate: () => ['generate', join(work, 'huge'), '--sessions', '100m'],
    explain: () => ['explain', '-'],
  };
  let url = '';
  beforeAll(() => {
    const listener = net.createServer((socket) => socket.on('error', () => {}).resume());
    return new Promise<() => void>((resolve) => {
      listener.listen(0, '127.0.0.1', () => {
        url = `redis://127.0.0.1:${(listener.address() as net.AddressInfo).port}`;
        resolve(() => listener.close());
      });
    });
  });

  it.each(Object.keys(quiet))('ends %s with its exit code, a sentence and a summary', async (command) => {
    const run = startWithOpenStdin([...(quiet[command] as () => string[])(), '--json']);
    await untilTaken(run.child);
    run.child.kill('SIGTERM');
    expectEnd(await run.finished, 'SIGTERM', command);
  });

  /** The word `-` waits for stdin, which nobody closes. */
  function startWithOpenStdin(words: string[]): RunningCli {
    return cli.start(words, { input: null });
  }
});

it.skipIf(!existsSync('/proc/self/status'))('a file that is a pipe nobody writes to holds no signal up', async () => {
  const fifo = join(work, 'password');
  expect(spawnSync('mkfifo', [fifo]).status).toBe(0);
  const module = new URL('../../dist/system/process.js', import.meta.url);
  const program = `
    import { readNamedFile, takeSignal } from '${module}';
    takeSignal('SIGTERM', () => process.exit(9));
    process.stdout.write('ready', () => readNamedFile(process.argv[1]));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, fifo], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('exit', (_code, signal) => resolve(signal)));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await until(() => !isCaught(child.pid as number, SIGTERM_BIT));
  child.kill('SIGTERM');
  expect(await ended).toBe('SIGTERM');
});
