import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../bin/sess2redis.js', import.meta.url));

/** Programs that act on the machine as a whole: on this host they only leave a line that they were called. */
const NOT_FOR_TESTS = ['tmux', 'sudo', 'systemctl'];

/** A command of a document, as it stands there with its continuation lines joined. */
export interface DocumentedCommand {
  text: string;
  /** What the document shows below it, line by line. */
  output: string[];
  /** The heading above it. */
  section: string;
}

/** How a command of a document ended on a {@link DocumentedHost}. */
export interface Played {
  code: number | null;
  /** stdout and stderr as a terminal shows them, one after the other. */
  text: string;
}

/**
 * Every command of a Markdown text, in its order: of console blocks, the lines after a `$` or `#`; in prose, what stands
 * between backticks and is a sess2redis command with an absolute path.
 */
export function commandsOf(markdown: string): DocumentedCommand[] {
  const commands: DocumentedCommand[] = [];
  let section = '';
  let isConsole = false;
  let isOtherBlock = false;
  for (const line of markdown.replace(/\\\n\s*/g, '').split('\n')) {
    if (line.startsWith('```')) {
      isConsole = line === '```console';
      isOtherBlock = line !== '```' && !isConsole;
    } else if (isConsole) {
      if (/^[$#] /.test(line)) commands.push({ text: line.slice(2), output: [], section });
      else commands.at(-1)?.output.push(line);
    } else if (!isOtherBlock) {
      section = /^#+ (.*)/.exec(line)?.[1] ?? section;
      for (const [, text] of line.matchAll(/`((?:sess2redis [a-z]+ \/|cp )[^`]*)`/g))
        commands.push({ text: text as string, output: [], section });
    }
  }
  return commands;
}

/**
 * A machine as documents assume it: its files lie below one directory, its programs are those of this test, and names
 * of servers and accounts are replaced by what there is.
 */
export class DocumentedHost {
  readonly #programs: string;
  readonly #exports: string[] = [];

  /** @param names texts of documents (a path, an address, an option) and what stands for each here; longest first */
  constructor(
    readonly root: string,
    readonly names: readonly (readonly [string, string])[],
  ) {
    this.#programs = join(root, 'programs');
    mkdirSync(this.#programs, { recursive: true });
    this.#addProgram('sess2redis', `exec '${process.execPath}' '${BIN}' "$@"`);
    for (const name of NOT_FOR_TESTS) this.#addProgram(name, `echo "${name} $*" >> '${this.calls}'`);
  }

  /** The lines with which programs were called that act on the machine as a whole. */
  get calls(): string {
    return join(this.root, 'calls');
  }

  /** A text of the documents as it reads on this host. */
  here(text: string): string {
    let translated = text;
    for (const [there, here] of this.names) translated = translated.replaceAll(there, here);
    return translated;
  }

  /** Runs a command in a shell, in which what earlier ones exported still holds. */
  play(command: string, input = ''): Played {
    const line = this.here(command);
    const exported = /\bexport [\w=/.-]+/.exec(line);
    // A file, as the socket that Node makes of `input` can't be opened by the name /dev/stdin.
    const typed = join(this.root, 'typed');
    writeFileSync(typed, input);
    const stdin = openSync(typed, 'r');
    const { status, stdout } = spawnSync('bash', ['-c', ['exec 2>&1', ...this.#exports, line].join('\n')], {
      cwd: this.root,
      stdio: [stdin, 'pipe', 'inherit'],
      encoding: 'utf8',
      env: { PATH: `${this.#programs}:${process.env.PATH}`, HOME: join(this.root, 'home') },
    });
    closeSync(stdin);
    if (exported !== null) this.#exports.push(exported[0]);
    return { code: status, text: stdout };
  }

  #addProgram(name: string, line: string): void {
    const path = join(this.#programs, name);
    writeFileSync(path, `#!/bin/sh\n${line}\n`);
    chmodSync(path, 0o755);
  }
}

/** The shape of a line of output: numbers, units of size and blanks don't count. */
function shapeOf(line: string): string {
  return line
    .replace(/\s*\d[\d,.:]*( ?[KMG]iB| ?ms| ?s| ?min| ?h| ?d)?\b/g, ' N')
    .replace(/\s+/g, ' ')
    .trim();
}

/**
 * The first line that a document shows and the output does not have, in its order; null where all are there.
 * `[...]` and empty lines stand for any lines.
 */
export function firstMissing(shown: readonly string[], output: string): string | null {
  const lines = output.split('\n').map(shapeOf);
  let from = 0;
  for (const line of shown) {
    if (line.trim() === '' || line.trim() === '[...]') continue;
    const at = lines.indexOf(shapeOf(line), from);
    if (at < 0) return line;
    from = at + 1;
  }
  return null;
}
