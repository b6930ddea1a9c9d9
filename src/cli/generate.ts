import { readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SERIES, seriesNamed } from '../applications/odoo/series.js';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import { generateStore } from '../generate/generate.js';
import { Faults, OptionReader } from '../options/read.js';
import type { RawOptions } from '../options/table.js';
import { isThere } from '../system/errno.js';
import { inTurns } from '../system/process.js';
import { formatCount, formatDuration, parseCount } from '../units.js';
import type { ParsedLine } from './command.js';

const DEFAULT_SESSIONS = 10_000;

/** Makes a store to rehearse on. */
export async function runGenerate(line: ParsedLine, _raw: RawOptions): Promise<ExitCode> {
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
    faults.add(`--odoo is ${JSON.stringify(line.odoo)}: choose ${SERIES.map(({ name }) => name).join(', ')} or mixed`);
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
  const work = generateStore(options, (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${formatCount(done)} sessions`);
  });
  await inTurns(work);
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
}

/** Synthetic sessions never go among real ones. */
function refuseUsed(directory: string): void {
  if (!isThere(directory)) return;
  if (!statSync(directory).isDirectory())
    throw new OperatorError(EXIT.usage, `${directory} is a file: name a new directory`);
  if (readdirSync(directory).length > 0) {
    throw new OperatorError(
      EXIT.usage,
      `${directory} is not empty: name a new directory, fakes don't go among real sessions`,
    );
  }
}
