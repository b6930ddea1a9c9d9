import { resolve } from 'node:path';
import { FILE_FORMATS, type FileFormat, fileFormatOf } from '../applications/odoo/file-format.js';
import { type FileOwner, parseOwner } from '../export/directory.js';
import type { Endpoint } from '../redis/endpoint.js';
import { Faults, OptionReader, quote } from './read.js';
import { parseOptions, type RunOptions } from './run-options.js';
import { type RawOptions, withEnvironment } from './table.js';

/** The options of `export`, checked and complete. */
export interface ExportOptions {
  /** Absolute; not yet looked at. */
  directory: string;
  file: FileFormat;
  /** Whom the files are given to; null leaves the choice to the directory. */
  owner: FileOwner | null;
  force: boolean;
  from: Endpoint;
  run: RunOptions;
}

/** Only a name for the faults that end the reading of the options anyway. */
const ANY_FORMAT = FILE_FORMATS[0] as FileFormat;

/** @throws {OperatorError} with exit code 2 and all faults in one message */
export function parseExportOptions(directory: string, cli: RawOptions, environment: NodeJS.ProcessEnv): ExportOptions {
  const faults = new Faults();
  const read = new OptionReader(withEnvironment(cli, environment), faults);
  const path = resolve(directory);
  // The word keeps the state of an export apart from that of a migrate of the same directory.
  const run = faults.collect(() => parseOptions([`${path} (export)`], cli, environment, true, 'from'), null);
  const odoo = read.text('odoo');
  const file = odoo === undefined ? undefined : fileFormatOf(odoo);
  if (file === undefined) {
    const what = odoo === undefined ? 'missing' : quote(odoo);
    faults.add(
      `--odoo is ${what}: name the Odoo that will read the files: ${FILE_FORMATS.map((f) => f.odoo).join(', ')}`,
    );
  }
  const owner = read.text('owner');
  const options = {
    directory: path,
    file: file ?? ANY_FORMAT,
    owner: owner === undefined ? null : faults.collect(() => parseOwner(owner), null),
    // Not from the environment: what was meant for one directory must not be taken for another.
    force: cli.force === true,
  };
  faults.throwIfAny();
  // Both are there, or there was a fault.
  return { ...options, run: run as RunOptions, from: run?.target as Endpoint };
}
