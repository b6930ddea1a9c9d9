import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { Cli } from '../support/cli.js';
import { hasPython } from '../support/python-oracle.js';
import { RedisServer } from '../support/redis-server.js';
import { makeWorkspace } from '../support/workspace.js';

const scriptNamed = (name: string) => fileURLToPath(new URL(name, import.meta.url));

const work = makeWorkspace();
const cli = new Cli(join(work, 'home'));
const store = join(work, 'sessions');
const redis = RedisServer.forFile(work);

type Answers = Record<string, unknown>;

function run(python: string, script: string, args: string[], input = ''): string {
  const options = { input, encoding: 'utf8', maxBuffer: 2 ** 27 } as const;
  const { status, stdout, stderr } = spawnSync(python, ['-B', scriptNamed(script), ...args], options);
  if (status !== 0) throw new Error(`${script} failed: ${stderr}`);
  return stdout;
}

/** A Python 2.7, on PATH or among pyenv's, or null. */
const python2 = (() => {
  const versions = join(homedir(), '.pyenv', 'versions');
  const found = existsSync(versions) ? readdirSync(versions).filter((name) => name.startsWith('2.7')) : [];
  const candidates = ['python2.7', ...found.map((name) => join(versions, name, 'bin', 'python2.7'))];
  return candidates.find((python) => spawnSync(python, ['-c', 'pass']).status === 0) ?? null;
})();

/** A session module, what stands before the sid in its keys, its options and database, and the Odoos to go back to. */
interface Reader {
  name: string;
  before: string;
  options: string[];
  db: number;
  odoos: string[];
  pythons2: string[];
}

const READERS: Reader[] = [
  {
    ...{ name: 'camptocamp', before: 'session::shop:', options: ['camptocamp', '--prefix', 'shop'], db: 0 },
    ...{ odoos: ['11', '15', '16', '17', '18', '19'], pythons2: ['8'] },
  },
  { name: 'mangono', before: 'session:', options: ['mangono'], db: 0, odoos: ['master'], pythons2: [] },
  { name: 'smile', before: '', options: ['smile'], db: 1, odoos: ['12'], pythons2: ['9'] },
  { name: 'keerati', before: 'session:', options: ['keerati'], db: 0, odoos: ['13'], pythons2: ['10'] },
  { name: 'muk', before: '', options: ['muk'], db: 1, odoos: ['16', '17', '19'], pythons2: [] },
];

/** How many sessions are the same to module and Odoo, and which the module knows alone. */
function compare(found: Answers, expected: Answers): { lost: string[]; known: number } {
  let known = 0;
  const lost: string[] = [];
  for (const [sid, wanted] of Object.entries(expected)) {
    if (wanted !== null && found[sid] === null) lost.push(sid);
    else expect(found[sid]).toEqual(wanted);
    if (found[sid] !== null) known++;
  }
  return { lost, known };
}

describe.skipIf(!hasPython).each(READERS)(
  'Odoo, reading what $name had',
  ({ name, before, options, db, odoos, pythons2 }) => {
    let sids: string[];

    beforeAll(async () => {
      if (!existsSync(store)) {
        mkdirSync(store);
        run('python3', 'readers.py', ['write', store, join(work, 'manifest.pickle')]);
      }
      await redis.flush();
      await cli.summary(['migrate', store, '--to', redis.url, '--profile', ...options]);
      sids = [...(await redis.contents(db)).keys()].map((key) => key.slice(before.length));
      expect(sids.length).toBeGreaterThan(80);
    });

    const ask = (python: string, ...question: string[]) =>
      JSON.parse(run(python, 'odoo_files.py', question, JSON.stringify(sids))) as Answers;

    async function expectTheSame(python: string, odoo: string): Promise<void> {
      // Before the export: a session that ends meanwhile counts as lost, and is told.
      const expected = ask('python3', 'expected', odoo, name, options[2] ?? '', redis.socket);
      const directory = join(work, `back-${name}-${odoo}`);
      const words = ['export', directory, '--from', redis.url, '--odoo', odoo, '--profile', ...options];
      const { outcomes } = await cli.summary(words);
      const { lost, known } = compare(ask(python, 'read', odoo, directory), expected);
      expect(known).toBe(outcomes.written);
      expect(known).toBeGreaterThan(Number(odoo) < 18 ? 60 : 10);
      const { unsupported = 0, rotated = 0, expired = 0 } = outcomes;
      // A form that would have to be pickled anew, and times with a zone, which Odoo 17 and Python 2 cannot load, and other classes, which Odoo 17 refuses.
      expect(unsupported).toBeLessThanOrEqual(12);
      expect(lost.length).toBeLessThanOrEqual(unsupported + rotated + expired + 6);
    }

    it.each(odoos)('finds in files of Odoo %s the very same sessions', (odoo) => expectTheSame('python3', odoo));

    it.skipIf(python2 === null).each(pythons2)('finds by Python 2 in files of Odoo %s the very same sessions', (odoo) =>
      expectTheSame(python2 as string, odoo),
    );
  },
);
