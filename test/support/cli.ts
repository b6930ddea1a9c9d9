import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/sess2redis.js', import.meta.url));

/** The last line of `--json`, as design.md section 2 promises it. */
export interface Summary {
  type: 'summary';
  version: number;
  command: string;
  dryRun: boolean;
  listed: number;
  outcomes: Record<string, number>;
  unsettled: number;
  peakRssBytes: number;
  throttle: { reasons: Record<string, number> };
  exitCode: number;
  stopped?: string;
}

export interface CliOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** What stands on stdin; nothing otherwise. Null leaves it open. */
  input?: string | null;
  /** User and group to run as; needs root. */
  uid?: number;
}

/** How a run of the program ended. */
export class CliResult {
  constructor(
    readonly code: number | null,
    readonly stdout: string,
    readonly stderr: string,
  ) {}

  /** stdout of `--json`, line by line. */
  get lines(): Record<string, unknown>[] {
    return linesOf(this.stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The last line of `--json`. */
  get summary(): Summary {
    const last = this.lines.at(-1);
    if (last?.type !== 'summary') throw new Error(`the last line is no summary: ${this.stdout}\n${this.stderr}`);
    return last as unknown as Summary;
  }

  /** Lines on stderr that are not the heading or a warning: what went wrong. */
  get errorLines(): string[] {
    const isOther = (line: string) =>
      /^sess2redis (migrate|sync|audit|verify|export)\b.*: |^(key|state|marker) +|^warning: |^rejects are listed in /.test(
        line,
      );
    return linesOf(this.stderr).filter((line) => !isOther(line));
  }
}

export interface RunningCli {
  child: ChildProcess;
  finished: Promise<CliResult>;
}

/** Runs `bin/sess2redis.js` with an environment of its own: no variable of the caller's but PATH. */
export class Cli {
  constructor(readonly home: string) {
    mkdirSync(home, { recursive: true });
    chmodSync(home, 0o777);
  }

  get stateHome(): string {
    return join(this.home, 'state');
  }

  start(args: readonly string[], options: CliOptions = {}): RunningCli {
    const env = { PATH: process.env.PATH ?? '', HOME: this.home, XDG_STATE_HOME: this.stateHome, ...options.env };
    const { uid } = options;
    const child = spawn(process.execPath, [BIN, ...args], {
      env,
      cwd: options.cwd ?? this.home,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(uid !== undefined && { uid, gid: uid }),
    });
    child.stdin.on('error', () => {});
    if (options.input !== null) child.stdin.end(options.input ?? '');
    const finished = new Promise<CliResult>((resolve, reject) => {
      const chunks: { out: Buffer[]; err: Buffer[] } = { out: [], err: [] };
      child.stdout.on('data', (data: Buffer) => chunks.out.push(data));
      child.stderr.on('data', (data: Buffer) => chunks.err.push(data));
      child.on('error', reject);
      child.on('close', (code) => {
        resolve(new CliResult(code, Buffer.concat(chunks.out).toString(), Buffer.concat(chunks.err).toString()));
      });
    });
    return { child, finished };
  }

  run(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    return this.start(args, options).finished;
  }

  /** Runs a command with `--json` and gives its summary. */
  async summary(args: readonly string[], options: CliOptions = {}): Promise<Summary> {
    return (await this.run([...args, '--json'], options)).summary;
  }
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** What outcomes come to. */
export function total(outcomes: Record<string, number>): number {
  return Object.values(outcomes).reduce((sum, count) => sum + count, 0);
}

const NOBODY = 65534;

/**
 * Whom to run as so that a mode of 000 means something: nobody, if the tests run as root. Null where that can't be, as
 * nobody may not read this repository.
 */
export function unprivileged(): CliOptions | null {
  if (process.getuid?.() !== 0) return {};
  const { status } = spawnSync(process.execPath, [BIN, '--version'], { uid: NOBODY, gid: NOBODY, cwd: '/' });
  return status === 0 ? { uid: NOBODY } : null;
}
