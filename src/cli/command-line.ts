import type { Argv, CommandModule, Options } from 'yargs';
import { EXIT_CODE_HELP, type ExitCode } from '../exit-codes.js';
import { OPTIONS, type OptionName, type RawOptions } from '../options-table.js';

/** A command: its words, help and options, and the function that does it and returns the exit code. */
export interface Command {
  /** As yargs reads it: `migrate <source...>`. */
  usage: string;
  describe: string;
  examples: readonly (readonly [string, string])[];
  options: readonly OptionName[];
  /** Positionals and options of its own. */
  build?: (parser: Argv) => Argv;
  run: (line: Record<string, unknown>) => Promise<ExitCode>;
}

/** The yargs face of a command; its exit code goes to `setExitCode`. */
export function toModule(command: Command, setExitCode: (code: ExitCode) => void): CommandModule {
  return {
    command: command.usage,
    describe: command.describe,
    builder: (parser) => {
      for (const [line, meaning] of command.examples) parser.example(line, meaning);
      for (const name of command.options) parser.option(name, yargsOption(name));
      return (command.build?.(parser) ?? parser).epilogue(EXIT_CODE_HELP);
    },
    handler: async (line) => setExitCode(await command.run(line)),
  };
}

function yargsOption(name: OptionName): Options {
  const { type, describe, group } = OPTIONS[name];
  const isBoolean = type === 'boolean';
  // Numbers stay text until options.ts reads them; an array option takes one value at a time.
  return {
    describe,
    group: `${group}:`,
    requiresArg: !isBoolean,
    ...(isBoolean ? { type } : { type: 'string' as const }),
  };
}

/** The options of a parsed line, as `parseOptions` takes them. */
export function rawOptionsOf(line: Record<string, unknown>, names: readonly OptionName[]): RawOptions {
  const raw: RawOptions = {};
  for (const name of names) {
    const value = line[name];
    if (value !== undefined) raw[name] = value as string | boolean | string[];
  }
  return raw;
}
