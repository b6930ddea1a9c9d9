import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { applicationOf, fileEncoderOf } from '../applications/application-of.js';
import { fileFormatFault } from '../applications/command-line.js';
import type { FileEncoder } from '../applications/file-encoder.js';
import { type Generation, generationOf, generatorOf } from '../applications/generator-of.js';
import { Faults, quote } from '../errors.js';
import { type FileOwner, parseOwner } from '../export/directory.js';
import type { Endpoint } from '../redis/endpoint.js';
import { parseCount } from '../units.js';
import { OptionReader } from './read.js';
import { parseOptions, type RunOptions } from './run-options.js';
import type { SettledOptions } from './settle.js';

const MOST_SESSIONS = 1e8;
/** Whose sessions a benchmark makes, where they name a database. */
const BENCH_DATABASES = ['shop'];

/** The options of `export`, checked and complete. */
export interface ExportOptions {
  /** Absolute; nobody has checked yet what is in there. */
  directory: string;
  /** What makes the files. */
  encoder: FileEncoder;
  /** User and group of the files; null for those of the directory. */
  owner: FileOwner | null;
  force: boolean;
  from: Endpoint;
  run: RunOptions;
}

/**
 * Checks the options of an export.
 * @throws {OperatorError} with exit code 2 and all faults in one message
 */
export function parseExportOptions(settled: SettledOptions, directory: string): ExportOptions {
  const faults = new Faults();
  const read = new OptionReader(settled, faults);
  const path = resolve(directory);
  // The word keeps the state of an export apart from that of a migrate of the same directory.
  const run = faults.collect(() => parseOptions(settled, [`${path} (export)`]), null);
  const odoo = read.text('odoo');
  const fault = settled.template === null ? fileFormatFault(odoo) : null;
  if (fault !== null) faults.add(fault);
  const owner = read.text('owner');
  const options = {
    directory: path,
    owner: owner === undefined ? null : faults.collect(() => parseOwner(owner), null),
    force: read.flag('force'),
  };
  faults.throwIfAny();
  // All of it is there, or there was a fault.
  const { pass, target } = run as RunOptions;
  const encoder = fileEncoderOf(pass.lanes.application, odoo, pass.lanes.maxFileBytes) as FileEncoder;
  const { noFile, title } = encoder;
  if (noFile !== '')
    faults.add(`export makes no files of what ${title} has in Redis: ${noFile}; on files its users log in again`);
  faults.throwIfAny();
  return { ...options, encoder, run: run as RunOptions, from: target as Endpoint };
}

/** What only `bench` takes, checked. */
export interface BenchChoices {
  /** How many sessions to measure with at each step, ascending. */
  sessions: readonly number[];
  generation: Generation;
  seed: number;
  /** Directory for the session files, or null to measure without files. */
  filesIn: string | null;
  isYes: boolean;
  mayDropCaches: boolean;
}

/**
 * Checks the options that are `bench`'s own.
 * @throws {OperatorError} with exit code 2 and all faults in one message
 */
export function parseBenchChoices(settled: SettledOptions, run: RunOptions): BenchChoices {
  const faults = new Faults();
  const read = new OptionReader(settled, faults);
  const { application } = run.pass.lanes;
  const template = 'odoo' in application ? null : application;
  const release = read.text('odoo') as string;
  const generation = generationOf(template, release, BENCH_DATABASES, (fault) => faults.add(fault));
  if (generation !== null) checkIds(generation, run, faults);
  const choices = {
    sessions: readSteps(read.text('sessions') as string, faults),
    seed: read.quantity('seed'),
    filesIn: readFiles(read.text('files'), read.flag('no-files'), faults),
    isYes: read.flag('yes'),
    mayDropCaches: read.flag('drop-caches'),
  };
  faults.throwIfAny();
  // It is there, or there was a fault.
  return { ...choices, generation: generation as Generation };
}

function readSteps(text: string, faults: Faults): number[] {
  const steps = text.split(',').map(parseCount);
  if (!steps.every((step) => Number.isInteger(step) && step >= 1 && step <= MOST_SESSIONS)) {
    faults.add(`--sessions is ${quote(text)}: write numbers of sessions up to 100M, as in 100k,1M,8M`);
  }
  return [...new Set(steps)].sort((a, b) => a - b);
}

/** Sessions among which one of every kind that is made is found. */
const SAMPLE = 16;

/** Adds a fault where the reader accepts no ids of some of the sessions. */
function checkIds(generation: Generation, { pass, reader }: RunOptions, faults: Faults): void {
  const generator = generatorOf({ ...generation.settings, seed: 1, movesAll: true, lifetimeMs: null });
  const application = applicationOf(pass.lanes.application);
  for (let index = 0; index < SAMPLE; index++) {
    generator.name(index);
    const { sid } = generator;
    if (application.acceptsSid(sid)) continue;
    const sessions = generator.titleOf(index);
    faults.add(
      `${reader.name} accepts no ids of ${sid.length} characters, as ${sessions} makes them: choose another --odoo or --profile`,
    );
    return;
  }
}

function readFiles(named: string | undefined, isNone: boolean, faults: Faults): string | null {
  if (isNone) {
    if (named !== undefined) faults.add('--files and --no-files say the opposite: give one of them');
    return null;
  }
  const directory = resolve(named ?? '.');
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    faults.add(`--files ${directory} is no directory: name one on the disk to measure, or say --no-files`);
  }
  return directory;
}
