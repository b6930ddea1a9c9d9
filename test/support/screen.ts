import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { until } from './workspace.js';

const BIN = fileURLToPath(new URL('../../bin/sess2redis.js', import.meta.url));

/** Whether there is a terminal to test in; scripts/setup.mjs installs one where it may. */
export const hasTerminal = spawnSync('tmux', ['-V']).status === 0;

export interface ScreenOptions {
  env?: Record<string, string>;
  /** Further words of node's command line. */
  node?: readonly string[];
  columns?: number;
  rows?: number;
}

/** A real terminal with one run of the program in it: what a person would see, line by line. Ends with its test. */
export class Screen {
  readonly #socket: string;
  readonly #codeFile: string;

  constructor(workspace: string, words: readonly string[], options: ScreenOptions = {}) {
    const directory = mkdtempSync(join(workspace, 'screen-'));
    this.#socket = join(directory, 'tmux');
    this.#codeFile = join(directory, 'code');
    const { columns = 200, rows = 50, env = {}, node = [] } = options;
    const quoted = [process.execPath, ...node, BIN, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    const settings = Object.entries({ HOME: directory, XDG_STATE_HOME: directory, TERM: 'screen-256color', ...env });
    const script = join(directory, 'run.sh');
    const exports = settings.map(([name, value]) => `export ${name}='${value}'`).join('\n');
    // The shell survives Ctrl-C and stays, so that the screen can be read after the run.
    writeFileSync(
      script,
      `trap : INT\nunset NO_COLOR\n${exports}\n${quoted.join(' ')}\necho $? > '${this.#codeFile}'\nsleep 600\n`,
    );
    const size = ['-x', String(columns), '-y', String(rows)];
    onTestFinished(() => {
      spawnSync('tmux', ['-S', this.#socket, 'kill-server']);
    });
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, `sh ${script}`);
  }

  /** The lines on the screen as they are now, scrolled out ones included. @param styled with the codes of colours */
  lines(styled = false): string[] {
    const text = this.#tmux('capture-pane', '-p', '-S', '-500', ...(styled ? ['-e'] : []));
    return text.trimEnd().split('\n');
  }

  get text(): string {
    return this.lines().join('\n');
  }

  /** Resolves when `pattern` is on the screen. */
  async shows(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.text));
  }

  press(key: string): void {
    this.#tmux('send-keys', key);
  }

  resize(columns: number): void {
    this.#tmux('resize-window', '-x', String(columns));
  }

  /** The exit code, when the run has ended. */
  async ends(): Promise<number> {
    const code = () => {
      try {
        return readFileSync(this.#codeFile, 'utf8').trim();
      } catch {
        return '';
      }
    };
    await until(() => code() !== '');
    return Number(code());
  }

  #tmux(...words: string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...words], { encoding: 'utf8' });
  }
}
