import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * $1 is a directory, the rest a server's command line or nothing. Whatever way the benchmark ends, also by SIGKILL, its
 * end of the pipe on our stdin closes; then the server is killed and the directory removed. A server that ended by itself
 * takes the directory with it, and whoever has its number then is not killed.
 */
const SCRIPT = `
trap '' INT TERM HUP
directory=$1
shift
exec 3<&0
if [ $# -gt 0 ]; then
  "$@" </dev/null 3<&- &
  server=$!
  { cat <&3; [ -d "$directory" ] && kill -9 $server; } >/dev/null 2>&1 &
  wait $server
else
  cat <&3 >/dev/null
fi
rm -rf -- "$directory"
`;
const MOST_OUTPUT = 2000;

/**
 * A small shell beside the benchmark that cleans up behind it: the one thing that is still there when the benchmark is
 * killed. In a session of its own, so that a Ctrl-C on the terminal is for the benchmark alone.
 */
export class CleanUpShell {
  /** The end of what the server printed. */
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param directory to be removed, with all that is in it @param command a server to run, and to kill, before that */
  constructor(directory: string, command: readonly string[] = []) {
    this.#child = spawn('sh', ['-c', SCRIPT, 'sess2redis-bench', directory, ...command], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    });
    this.#ended = once(this.#child, 'exit');
    this.#child.stdin?.on('error', () => {});
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.output = `${this.output}${data.toString('latin1')}`.slice(-MOST_OUTPUT);
    });
  }

  /** Whether the server has ended, or could not be started. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves when the server is gone and the directory removed. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }
}
