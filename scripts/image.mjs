// Does what the Dockerfile says without a container engine: each stage is a directory, COPY copies, RUN runs there.
// Absolute paths of the image are looked for below that directory, so no RUN line may name one itself.
import { execFileSync } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/**
 * Makes the image of `root/Dockerfile` below `work`.
 * @returns what starts it, with which words, environment and directory; how many RUN lines there were, and its size
 * @throws when an instruction is unknown, a file is missing or a RUN line fails
 */
export function imageOf(root, work) {
  const ignore = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  const stages = new Map();
  let stage;
  let runs = 0;
  const rules = {
    FROM: (text) => {
      const name = / AS (\w+)$/.exec(text)?.[1] ?? 'final';
      stage = { top: join(work, name), directory: '/', env: { HOME: work, PATH: process.env.PATH } };
      stages.set(name, stage);
      mkdirSync(stage.top, { recursive: true });
    },
    WORKDIR: (text) => {
      stage.directory = text;
      mkdirSync(placeOf(text), { recursive: true });
    },
    ENV: (text) => {
      const [, name, value] = /^(\w+)=(\S+)$/.exec(text);
      const known = value.replace('$PATH', stage.env.PATH);
      stage.env[name] = name === 'PATH' ? join(stage.top, known) : known;
    },
    COPY: (text) => {
      const words = text.split(/\s+/);
      const from = words[0].startsWith('--from=') ? stages.get(words.shift().slice(7)).top : null;
      const to = words.pop();
      for (const word of words) {
        if (from === null && !ignore.includes(`!${word}`)) throw new Error(`.dockerignore leaves out ${word}`);
        const target = words.length > 1 || to.endsWith('/') ? join(to, basename(word)) : to;
        cpSync(join(from ?? root, word), placeOf(target), { recursive: true, verbatimSymlinks: true });
      }
    },
    RUN: (text) => {
      if (/(^|\s)\//.test(text)) throw new Error(`an absolute path in: RUN ${text}`);
      console.log(`smoke: RUN ${text}`);
      const stdio = ['ignore', 'ignore', 'inherit'];
      execFileSync('sh', ['-ec', text], { cwd: placeOf('.'), env: stage.env, stdio });
      runs++;
    },
    ENTRYPOINT: (text) => {
      stage.entryPoint = JSON.parse(text)[0];
    },
    CMD: (text) => {
      stage.command = JSON.parse(text);
    },
    LABEL: () => {},
    USER: (text) => {
      if (text === 'root') throw new Error('the image runs as root');
    },
  };
  const placeOf = (path) => join(stage.top, resolve(stage.directory, path));

  const text = readFileSync(join(root, 'Dockerfile'), 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n\s*/g, '');
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const [, name, rest] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (rules[name] === undefined) throw new Error(`the Dockerfile has an instruction that is not known here: ${line}`);
    rules[name](rest);
  }
  const { entryPoint, command, env } = stage;
  return { entryPoint, command, env, runs, directory: placeOf('.'), bytes: bytesOf(stage.top) };
}

function bytesOf(directory) {
  const sizes = readdirSync(directory, { recursive: true }).map((name) => lstatSync(join(directory, name)));
  return sizes.reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}
