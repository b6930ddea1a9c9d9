import { isAbsolute, join } from 'node:path';
import { EXIT, OperatorError } from '../errors.js';
import { readNamedFile } from '../system/process.js';
import { Faults } from './read.js';
import {
  CONFIG,
  CONFIGURATION,
  environmentValue,
  type OptionEntry,
  type RawValue,
  type Vocabulary,
  variableOf,
} from './table.js';

/** Where the value of an option stands. */
type Origin =
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
 * configuration directory if it is there.
 * @param options all of the command's
 * @param configurable by command, those that environment and file may set
 * @param line what stands on the command line, by option
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

/**
 * What a file says for a command, by option.
 * @throws {OperatorError} with all that is wrong with it
 */
async function readFrom(
  { path, text }: ConfigFile,
  command: string,
  configurable: ReadonlyMap<string, Vocabulary>,
): Promise<Map<string, Setting>> {
  // Imported when there is a file: whoever has none is spared the parser.
  const { readConfig } = await import('./config-file.js');
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

const PASSWORD = 'SESS2REDIS_PASSWORD';
const HIDDEN = '***';

/** One setting as `--json` tells it. */
export interface SettingRecord {
  type: 'setting';
  name: string;
  /** Null where nothing says so and there is no fixed default. */
  value: RawValue | null;
  origin: Origin['from'];
  /** The flag, the variable, or file and line. */
  where: string;
}

/** Every setting of a command with where its value comes from. Passwords are never in them. */
export function settingRecords(
  settings: readonly Setting[],
  vocabulary: Vocabulary,
  environment: NodeJS.ProcessEnv,
): SettingRecord[] {
  const records = settings
    .filter(({ name }) => !Object.hasOwn(CONFIGURATION, name))
    .map(({ name, value, origin }): SettingRecord => {
      const told = value ?? defaultOf(vocabulary[name] as OptionEntry);
      const shown = typeof told === 'string' ? withoutPassword(told) : told;
      return { type: 'setting', name, value: shown, origin: origin.from, where: placeOf(name, origin) };
    });
  if (environment[PASSWORD]) {
    records.push({ type: 'setting', name: 'password', value: HIDDEN, origin: 'environment', where: PASSWORD });
  }
  return records;
}

/**
 * The settings as a configuration file that says the same: what only defaults say, and a password, is commented out.
 */
export function renderSettings(records: readonly SettingRecord[]): string {
  const rows = records.map(({ name, value, origin, where }) => {
    const isComment = origin === 'default' || name === 'password';
    const shown = origin === 'default' ? String(value ?? '') : yamlOf(value);
    return [`${isComment ? '# ' : ''}${name}: ${shown}`.trimEnd(), where] as const;
  });
  const width = Math.min(60, Math.max(...rows.map(([line]) => line.length)));
  return rows.map(([line, where]) => `${line.padEnd(width)}  # ${where}`).join('\n');
}

/** What the help of an option says its default is; null where it says nothing. */
function defaultOf({ type, describe }: OptionEntry): string | false | null {
  if (type === 'boolean') return false;
  return /\[default: (.*)\]$/.exec(describe)?.[1] ?? null;
}

/** A URL may carry a password: all between the first colon behind `//` and the last `@`. */
function withoutPassword(text: string): string {
  return text.replace(/^([a-z]+:\/\/[^:/@]*):.*@/i, `$1:${HIDDEN}@`);
}

function placeOf(name: string, origin: Origin): string {
  if (origin.from === 'flag') return `flag --${name}`;
  if (origin.from === 'environment') return origin.variable;
  return origin.from === 'file' ? `${origin.path}:${origin.line}` : 'default';
}

/** A value as YAML reads it back: JSON where a plain word could mean something else. */
function yamlOf(value: RawValue | null): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[a-z/][\w./:=?@%+-]*$/i.test(value) && !/^(true|false|null)$/i.test(value) && !/:$/.test(value)
    ? value
    : JSON.stringify(value);
}
