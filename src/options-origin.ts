import { isAbsolute, join } from 'node:path';
import { readNamedFile } from './ending-signals.js';
import { OperatorError } from './errors.js';
import { EXIT } from './exit-codes.js';
import { Faults } from './options-reader.js';
import { CONFIG, environmentValue, type RawValue, type Vocabulary, variableOf } from './options-table.js';

/** Where the value of an option stands. */
export type Origin =
  | { from: 'flag' }
  | { from: 'environment'; variable: string }
  | { from: 'file'; path: string; line: number }
  | { from: 'default' };

/** An option of a command with its value; `value` is undefined where the default holds. */
export interface Setting {
  name: string;
  value: RawValue | undefined;
  origin: Origin;
}

/**
 * Settles every option of a command: flags go before `SESS2REDIS_*`, those before the configuration file, and that
 * before the defaults. The file is the one that `config` names, or else `sess2redis/config.yaml` in the user's
 * configuration directory if it is there. @param options all of the command's @param configurable by command, those
 * that environment and file may set @param line what stands on the command line, by option
 * @throws {OperatorError} with exit code 2 and all that is wrong with the file
 */
export async function settleOptions(
  command: string,
  options: Vocabulary,
  configurable: ReadonlyMap<string, Vocabulary>,
  line: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): Promise<Setting[]> {
  const file = configFile(line.config, environment);
  const configured = file === null ? null : await readFrom(file, command, configurable);
  const open = configurable.get(command) ?? {};
  return Object.entries(options).map(([name, entry]): Setting => {
    const flag = line[name] as RawValue | undefined;
    if (flag !== undefined) return { name, value: flag, origin: { from: 'flag' } };
    const isOpen = Object.hasOwn(open, name);
    const value = isOpen ? environmentValue(name, entry, environment) : undefined;
    if (value !== undefined) return { name, value, origin: { from: 'environment', variable: variableOf(name) } };
    return configured?.get(name) ?? { name, value: undefined, origin: { from: 'default' } };
  });
}

interface ConfigFile {
  path: string;
  text: string;
}

/** What a file says for a command, by option. @throws {OperatorError} with all that is wrong with it */
async function readFrom(
  { path, text }: ConfigFile,
  command: string,
  configurable: ReadonlyMap<string, Vocabulary>,
): Promise<Map<string, Setting>> {
  // Imported when there is a file: whoever has none is spared the parser.
  const { readConfig } = await import('./options-config.js');
  const faults = new Faults();
  const found = readConfig(path, text, command, configurable, faults);
  faults.throwIfAny();
  const settings = [...found].map(([name, { value, line }]): [string, Setting] => {
    return [name, { name, value, origin: { from: 'file', path, line } }];
  });
  return new Map(settings);
}

/** The file and what it holds; null where none is named and there is none in the usual place. */
function configFile(flag: unknown, environment: NodeJS.ProcessEnv): ConfigFile | null {
  if (Array.isArray(flag)) throw new OperatorError(EXIT.usage, '--config is given more than once: give it once');
  const named = flag ?? environmentValue('config', CONFIG, environment);
  const path = typeof named === 'string' ? named : usualPath(environment);
  if (path === null) return null;
  try {
    return { path, text: readNamedFile(path).toString() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (named === undefined && code === 'ENOENT') return null;
    throw new OperatorError(EXIT.usage, `the configuration ${path} cannot be read (${code}): name another by --config`);
  }
}

/** Null where the user has no configuration directory, as in a container without a home. */
function usualPath({ XDG_CONFIG_HOME, HOME }: NodeJS.ProcessEnv): string | null {
  // A relative one is to be ignored (XDG Base Directory Specification).
  if (XDG_CONFIG_HOME !== undefined && isAbsolute(XDG_CONFIG_HOME)) {
    return join(XDG_CONFIG_HOME, 'sess2redis', 'config.yaml');
  }
  return HOME ? join(HOME, '.config', 'sess2redis', 'config.yaml') : null;
}
