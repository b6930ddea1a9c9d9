import { readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Generation, generationOf, generatorOf } from '../applications/generator-of.js';
import { EXIT, type ExitCode, Faults, OperatorError } from '../errors.js';
import { generateStore } from '../generate/generate.js';
import { OptionReader } from '../options/read.js';
import { readMadeApplication } from '../options/reader.js';
import type { SettledOptions } from '../options/settle.js';
import { jsonLines, shortSummary } from '../report/summary.js';
import { isThere } from '../system/errno.js';
import { inTurns } from '../system/process.js';
import { counted, formatDuration } from '../units.js';

/** Makes a store to rehearse on. */
export async function runGenerate(settled: SettledOptions, words: readonly string[]): Promise<ExitCode> {
  const faults = new Faults();
  const read = new OptionReader(settled, faults);
  const directory = resolve(words[0] as string);
  const application = readMadeApplication(read);
  const template = application?.settings ?? null;
  const release = read.text('odoo') as string;
  const generation = generationOf(template, release, read.list('odoo-db'), (fault) => faults.add(fault));
  const options = {
    directory,
    sessions: read.quantity('sessions'),
    junk: read.quantity('junk'),
    seed: read.quantity('seed'),
    nowMs: Date.now(),
  };
  faults.throwIfAny();
  refuseUsed(directory);

  const startMs = performance.now();
  const onProgress = (done: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${counted(done, 'session')}`);
  };
  const generator = generatorOf({
    ...(generation as Generation).settings,
    seed: options.seed,
    movesAll: false,
    lifetimeMs: null,
  });
  await inTurns(generateStore(options, generator, onProgress));
  const elapsedMs = Math.round(performance.now() - startMs);
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const { sessions, junk } = options;
  const and = junk > 0 ? ` and ${counted(junk, 'piece')} of junk` : '';
  const text = `${counted(sessions, 'session')}${and} in ${directory}, ${formatDuration(elapsedMs)}\n`;
  const summary = shortSummary('generate', { directory, sessions, junk, elapsedMs });
  process.stdout.write(read.flag('json') ? jsonLines([summary]) : text);
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
