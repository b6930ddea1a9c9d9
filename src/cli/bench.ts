import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { availableMemory } from 'node:process';
import { checkMayDropCaches } from '../bench/migrate-run.js';
import type { ExitCode } from '../exit-codes.js';
import { parseOptions } from '../options.js';
import { parseBenchChoices } from '../options-bench.js';
import type { RawOptions } from '../options-table.js';
import { migrateSetup } from './bench-migrate.js';
import { measure } from './bench-run.js';
import type { ParsedLine } from './command-line.js';

/** Measures what sessions cost in Redis and on the disk, and how fast they move from the one to the other. */
export async function runBench(line: ParsedLine, raw: RawOptions): Promise<ExitCode> {
  const { SESS2REDIS_TO: _, ...environment } = process.env;
  const options = parseOptions([], raw, environment, false);
  const choices = parseBenchChoices(line, options.profile, options.pass.lanes.sids);
  if (choices.mayDropCaches) checkMayDropCaches();
  return measure(options, choices.odoo, {
    target: options.target,
    to: typeof raw.to === 'string' ? raw.to : '',
    recipe: { series: choices.series, database: 'shop', seed: choices.seed, reader: options.pass.lanes.reader },
    key: options.pass.lanes.key,
    path: environment.PATH ?? '',
    temporary: tmpdir(),
    freeBytes: availableMemory,
    diskOf: (path) => statfsSync(path),
    ...migrateSetup([process.execPath, process.argv[1] as string], options, raw, environment),
    ...choices,
  });
}
