import type { CommandName } from '../../src/option-entry.js';
import type { RawValue } from '../../src/options/option.js';
import { parseOptions, type RunOptions } from '../../src/options/run-options.js';
import { settleWith, type TypedOptions } from '../../src/options/settle.js';
import type { OptionName } from '../../src/options/table.js';

/** Options as they are typed, under names that the table has. */
export type RawOptions = Partial<Record<OptionName, RawValue>>;

/** The checked options of a command line for the source `/s`. */
export function optionsOfLine(
  raw: RawOptions,
  environment: NodeJS.ProcessEnv = {},
  command: CommandName = 'migrate',
  patterns: readonly string[] = ['/s'],
): RunOptions {
  return parseOptions(settleWith(command, raw as TypedOptions, environment), patterns);
}
