/** Migrates of several applications over stores of the same number of files, side by side, with every count checked. */
import { closeSync, futimesSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { builtInTemplate } from '../dist/applications/built-in.js';
import { generationOf } from '../dist/applications/generator-of.js';
import { longLived, readerWords } from '../dist/applications/reader-words.js';
import { SessionMaker } from '../dist/bench/session-maker.js';
import { parseOptions } from '../dist/options/run-options.js';
import { settleWith } from '../dist/options/settle.js';
import { run } from './sess2redis.mjs';

/** The one that has code of its own goes first: the others are measured against it. */
export const APPLICATIONS = ['odoo', 'php', 'laravel', 'express', 'magento'];

/** No session dies while the bench runs. */
const LIFETIME_MS = 30 * 86_400_000;
const SERIES = '19';
const SEED = 1;

/** Contenders for `interleaved` and `measure`: one migrate for each application, over a store of its own. */
export function applicationContenders(cli, sessions, directory, say) {
  return APPLICATIONS.map((app) => {
    const { maker, words } = sessionsOf(app);
    const path = join(directory, `applications-${app}`);
    say(`building a store of ${sessions} sessions of ${app} in ${path}`);
    writeStore(path, maker, sessions);
    return {
      name: app,
      needsRedis: true,
      async run({ server, temporary }) {
        const state = mkdtempSync(join(temporary, 'state-'));
        try {
          const line = ['migrate', path, '--to', `unix://${server.socket}`, '--json', ...words];
          const result = await run(cli, line, sessions, state);
          // The pass without start, pre-flight and end of the process, which are the same for all.
          return { ...result, seconds: result.summary.elapsedMs / 1000 };
        } finally {
          rmSync(state, { recursive: true, force: true });
        }
      },
      check({ summary }, { server }) {
        const [held] = server.ask(...(app === 'magento' ? ['SELECT 2', 'DBSIZE'] : ['DBSIZE'])).slice(-1);
        if (isDeepStrictEqual(summary.outcomes, { written: sessions })) return;
        throw new Error(`${app}: not ${sessions} written, ${held} keys: ${JSON.stringify(summary)}`);
      },
    };
  });
}

/** What makes the sessions of an application, and the words of a command line that name its reader. */
function sessionsOf(app) {
  const settled = settleWith('bench', {}, {});
  settled.template = app === APPLICATIONS[0] ? null : builtInTemplate(app);
  const { reader } = parseOptions(settled, []);
  const application = longLived(reader.settings, LIFETIME_MS);
  const template = settled.template === null ? null : application;
  const generation = generationOf(template, SERIES, ['shop'], () => {});
  const generator = { ...generation.settings, seed: SEED, movesAll: true, lifetimeMs: LIFETIME_MS };
  const { words } = readerWords({ reader, application, app, given: [] }, null, LIFETIME_MS);
  return { maker: new SessionMaker({ generator, application }, Date.now()), words };
}

function writeStore(path, maker, sessions) {
  const made = new Set();
  for (let index = 0; index < sessions; index++) {
    maker.make(index);
    const file = join(path, maker.path);
    const directory = dirname(file);
    if (!made.has(directory)) mkdirSync(directory, { recursive: true });
    made.add(directory);
    const fd = openSync(file, 'wx', 0o644);
    writeSync(fd, maker.file);
    futimesSync(fd, maker.savedSeconds, maker.savedSeconds);
    closeSync(fd);
  }
}
