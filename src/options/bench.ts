import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Profile } from '../applications/odoo/profile.js';
import { type OdooSeries, SERIES, seriesNamed } from '../applications/odoo/series.js';
import type { SidKind } from '../session.js';
import { parseCount } from '../units.js';
import { Faults, OptionReader, quote } from './read.js';
import type { RawOptions } from './table.js';

export const DEFAULT_STEPS = '100k,200k,500k,1M';
export const DEFAULT_ODOO = '19';
const MOST_SESSIONS = 1e8;

/** What only `bench` is told, checked. */
export interface BenchChoices {
  /** Ascending. */
  sessions: readonly number[];
  odoo: string;
  series: readonly OdooSeries[];
  seed: number;
  /** Directory for the files, or null for none. */
  filesIn: string | null;
  isYes: boolean;
  mayDropCaches: boolean;
}

/** Names of options that are `bench`'s own, with a value each, or without one. */
export type BenchLine = Record<string, unknown>;

/**
 * Checks the options that are `bench`'s own.
 * @param sids the ids that the reader accepts
 * @throws {OperatorError} with exit code 2 and all faults in one message
 */
export function parseBenchChoices(line: BenchLine, profile: Profile, sids: readonly SidKind[]): BenchChoices {
  const faults = new Faults();
  const read = new OptionReader(line as RawOptions, faults);
  const name = (option: string) => option as keyof RawOptions;
  const odoo = read.text(name('odoo')) ?? DEFAULT_ODOO;
  const choices: BenchChoices = {
    sessions: readSteps(read.text(name('sessions')) ?? DEFAULT_STEPS, faults),
    odoo,
    series: readSeries(odoo, profile, sids, faults),
    seed: read.quantity(name('seed'), (text) => Math.floor(parseCount(text)), 0, 'a number, as in 7', 1),
    filesIn: readFiles(read.text(name('files')), read.flag(name('no-files')), faults),
    isYes: read.flag(name('yes')),
    mayDropCaches: read.flag(name('drop-caches')),
  };
  faults.throwIfAny();
  return choices;
}

function readSteps(text: string, faults: Faults): number[] {
  const steps = text.split(',').map(parseCount);
  if (!steps.every((step) => Number.isInteger(step) && step >= 1 && step <= MOST_SESSIONS)) {
    faults.add(`--sessions is ${quote(text)}: write numbers of sessions up to 100M, as in 100k,1M,8M`);
  }
  return [...new Set(steps)].sort((a, b) => a - b);
}

function readSeries(odoo: string, profile: Profile, sids: readonly SidKind[], faults: Faults): OdooSeries[] {
  const series = seriesNamed(odoo);
  if (series.length === 0) {
    faults.add(`--odoo is ${quote(odoo)}: choose ${SERIES.map((one) => one.name).join(', ')} or mixed`);
  }
  const unread = series.find((one) => !sids.includes(one.sids));
  if (unread !== undefined) {
    const length = unread.sids.replace(/\D/g, '');
    faults.add(
      `${profile.name} accepts no ids of ${length} characters, as Odoo ${unread.name} makes them: choose another --odoo or --profile`,
    );
  }
  return series;
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
