import { existsSync, readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { generateStore } from '../generate/generate.js';
import { MIXED, SERIES, seriesNamed } from '../generate/series.js';
import { Faults, OptionReader } from '../options-reader.js';
import type { RawOptions } from '../options-table.js';
import { formatCount, formatDuration, parseCount } from '../quantities.js';
import type { Command } from './command-line.js';

const DEFAULT_SESSIONS = 10_000;

/** Makes a store to rehearse on. */
export const generateCommand: Command = {
  usage: 'generate <directory>',
  describe: "a synthetic store, any Odoo version's layout and format",
  examples: [
    ['$0 generate /tmp/store --sessions 200k', 'a directory that was kept through upgrades'],
    ['$0 generate /tmp/store18 --sessions 1000 --odoo 18', 'one series'],
  ],
  options: ['json'],
  build: (parser) =>
    parser
      .positional('directory', { describe: 'a new or empty directory', type: 'string' })
      .option('sessions', { describe: 'how many, as in 200k  [default: 10k]', type: 'string', requiresArg: true })
      .option('odoo', {
        describe: `series: ${SERIES.map((series) => series.name).join(', ')}, or mixed (${MIXED.join(', ')})  [default: mixed]`,
        type: 'string',
        requiresArg: true,
      })
      .option('junk', {
        describe: 'further entries that are no sound sessions  [default: 0]',
        type: 'string',
        requiresArg: true,
      })
      .option('odoo-db', {
        describe: 'database that the sessions are of (repeatable)',
        type: 'string',
        requiresArg: true,
      })
      .option('seed', { describe: 'number; the same seed makes the same sessions', type: 'string', requiresArg: true }),
  run: async (line) => {
    const faults = new Faults();
    const read = new OptionReader(line as RawOptions, faults);
    const count = (name: string, least: number, fallback: number) =>
      read.quantity(
        name as keyof RawOptions,
        (text) => Math.floor(parseCount(text)),
        least,
        'a number, as in 200k',
        fallback,
      );
    const directory = resolve(String(line.directory));
    const series = seriesNamed(line.odoo === undefined ? 'mixed' : String(line.odoo));
    if (series.length === 0) {
      faults.add(
        `--odoo is ${JSON.stringify(line.odoo)}: choose ${SERIES.map(({ name }) => name).join(', ')} or mixed`,
      );
    }
    const databases = read.list('odoo-db');
    const options = {
      directory,
      sessions: count('sessions', 0, DEFAULT_SESSIONS),
      junk: count('junk', 0, 0),
      seed: count('seed', 0, 1),
      series,
      databases: databases.length > 0 ? databases : ['shop'],
      nowMs: Date.now(),
    };
    faults.throwIfAny();
    refuseUsed(directory);

    const startMs = performance.now();
    generateStore(options, (done) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${formatCount(done)} sessions`);
    });
    const elapsedMs = Math.round(performance.now() - startMs);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    const { sessions, junk } = options;
    if (line.json === true) {
      const summary = {
        type: 'summary',
        version: 1,
        command: 'generate',
        directory,
        sessions,
        junk,
        elapsedMs,
        exitCode: 0,
      };
      process.stdout.write(`${JSON.stringify(summary)}\n`);
    } else {
      const and = junk > 0 ? ` and ${formatCount(junk)} pieces of junk` : '';
      process.stdout.write(`${formatCount(sessions)} sessions${and} in ${directory}, ${formatDuration(elapsedMs)}\n`);
    }
    return EXIT.complete;
  },
};

/** Synthetic sessions never go among real ones. */
function refuseUsed(directory: string): void {
  if (!existsSync(directory)) return;
  if (!statSync(directory).isDirectory())
    throw new OperatorError(EXIT.usage, `${directory} is a file: name a new directory`);
  if (readdirSync(directory).length > 0) {
    throw new OperatorError(
      EXIT.usage,
      `${directory} is not empty: name a new directory, fakes don't go among real sessions`,
    );
  }
}
