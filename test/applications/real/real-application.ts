import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

const FOUND = fileURLToPath(new URL('../../../.cache/applications.json', import.meta.url));

export type ApplicationName = 'php' | 'predis' | 'symfony' | 'laravel' | 'django' | 'express';

/** How scripts/setup.mjs says an application is started, or why it can't be. */
type Start = { command: string[] } | { missing: string };

function startOf(name: ApplicationName): Start {
  if (!existsSync(FOUND)) return { missing: 'scripts/setup.mjs --applications has not run' };
  return (JSON.parse(readFileSync(FOUND, 'utf8')) as Record<ApplicationName, Start>)[name];
}

/** Tests with a real application, which are skipped, with the reason in their title, where it can't be had. */
export function describeReal(name: ApplicationName, title: string, tests: () => void): void {
  const start = startOf(name);
  if ('missing' in start) describe.skip(`${title} (${start.missing})`, tests);
  else describe(title, tests);
}

/** Runs a script beside this file in an application. @throws {Error} with what it printed, where it failed */
export function runIn(
  name: ApplicationName,
  script: string,
  words: readonly string[],
  input = '',
  uid?: number,
): string {
  const result = tryIn(name, script, words, input, uid);
  if (result.status !== 0)
    throw new Error(`${script} ${words.slice(0, 2).join(' ')}: ${result.stdout}${result.stderr}`);
  return result.stdout;
}

/** As `runIn`, of a script that may fail. */
export function tryIn(name: ApplicationName, script: string, words: readonly string[], input: string, uid?: number) {
  const [program = '', ...rest] = commandOf(name, script, words);
  const user = uid === undefined ? {} : { uid, gid: uid, cwd: '/' };
  return spawnSync(program, rest, { input, encoding: 'utf8', maxBuffer: 1e8, ...user });
}

/** The command line of a script beside this file. */
export function commandOf(name: ApplicationName, script: string, words: readonly string[]): string[] {
  const start = startOf(name);
  const path = fileURLToPath(new URL(script, import.meta.url));
  return 'command' in start ? [...start.command, path, ...words] : [];
}

/** A session that a real application made: its id, its file's name, its content, and when it ends. */
export interface RealSession {
  id: string;
  file: string;
  content: unknown;
  /** Seconds after the file's time; absent where `ends` stands. */
  lifetime?: number;
  /** Epoch milliseconds. */
  ends?: number;
}

type Mode = 'read-files' | 'read-redis' | 'logout' | 'save' | 'request';

/** Content by id; null where the reader finds no session. */
export type Contents = Record<string, unknown>;

/** One kind of a real application, as its script beside this file plays it. */
export class RealStore {
  constructor(
    readonly application: ApplicationName,
    readonly script: 'sessions.php' | 'sessions.py' | 'sessions.cjs',
    readonly kind: string,
    /** Whose process it is; the test's own where none is given. */
    readonly uid?: number,
  ) {}

  /** Makes sessions on files, by role. */
  write(directory: string): Record<string, RealSession> {
    const written = this.#run<Record<string, RealSession>>('write', directory);
    for (const session of Object.values(written)) session.content = shown(session.content);
    return written;
  }

  /** `read-*` leave everything as it is; the others are requests: `logout` and `save` on files, `request` in Redis. */
  ask(mode: Mode, place: string, ids: readonly string[]): Contents {
    const contents = Object.entries(this.#run<Contents>(mode, place, JSON.stringify(ids)));
    return Object.fromEntries(contents.map(([id, content]) => [id, shown(content)]));
  }

  #run<Answer>(mode: Mode | 'write', place: string, input = ''): Answer {
    return JSON.parse(runIn(this.application, this.script, [mode, this.kind, place], input, this.uid)) as Answer;
  }
}

/** Long content as a digest, which two that differ can be told by without pages of differences. */
export function shown(content: unknown): unknown {
  const text = JSON.stringify(content);
  return text.length < 500 ? content : createHash('sha256').update(text).digest('hex');
}
