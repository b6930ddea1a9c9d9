import { isAbsolute, join } from 'node:path';
import type { Template } from '../applications/template.js';
import { EXIT, Faults, OperatorError } from '../errors.js';
import type { CommandName } from '../option-entry.js';
import { readNamedFile } from '../system/process.js';
import {
  defaultWords,
  environmentValue,
  type RawValue,
  type Surroundings,
  surroundingsIn,
  variableOf,
} from './option.js';
import { type OptionName, optionsOf, type Row, rowOf } from './table.js';

/** What stands on the command line, by option. */
export type TypedOptions = Readonly<Record<string, RawValue>>;

/** Where the value of an option comes from. */
type Origin =
  | { from: 'flag' }
  | { from: 'environment'; variable: string }
  | { from: 'file'; path: string; line: number }
  | { from: 'default' };

/** An option of a command with its value; undefined where nobody gave one and there is no default. */
export interface Setting {
  name: OptionName;
  value: RawValue | undefined;
  origin: Origin;
}

/** Every option of a command with its value. Whoever reads options later asks here, not the environment. */
export class SettledOptions {
  readonly #settings: ReadonlyMap<string, Setting>;
  /** Of the application that `--app` names; null where it names none. */
  template: Template | null = null;
  /** By what the application was recognised, where the operator named none; else empty. */
  recognition = '';
  /** Members that only other applications write whose files are named as those of the template are. */
  strangers: readonly string[] = [];

  constructor(
    readonly command: CommandName,
    readonly settings: readonly Setting[],
    readonly surroundings: Surroundings,
  ) {
    this.#settings = new Map(settings.map((setting) => [setting.name, setting]));
  }

  /** The value of an option; the default where the command does not take it. */
  value(name: OptionName): RawValue | undefined {
    const setting = this.#settings.get(name);
    return setting === undefined ? defaultOf(rowOf(name, this.command)) : setting.value;
  }

  /** Whether the operator gave a value. */
  isGiven(name: OptionName): boolean {
    return (this.#settings.get(name)?.origin.from ?? 'default') !== 'default';
  }

  /** Whether the command takes the option. */
  takes(name: OptionName): boolean {
    return this.#settings.has(name);
  }

  /** What stood on the command line itself. */
  get typed(): TypedOptions {
    const flags = this.settings.filter(({ origin }) => origin.from === 'flag');
    return Object.fromEntries(flags.map(({ name, value }) => [name, value as RawValue]));
  }
}

/**
 * Settles every option of a command: the command line goes before `SESS2REDIS_*`, those before the configuration file,
 * and that before the defaults. The file is the one that `--config` names, or else `sess2redis/config.yaml` in the
 * user's configuration directory if it is there.
 * @throws {OperatorError} with exit code 2 and all that is wrong with the file
 */
export async function settle(
  command: CommandName,
  line: TypedOptions,
  environment: NodeJS.ProcessEnv,
): Promise<SettledOptions> {
  const file = configFile(line.config, environment);
  return settleWith(command, line, environment, file === null ? new Map() : await readFrom(file, command));
}

/**
 * The same without a search for a file.
 * @param configured what a configuration file says for the command, by option
 */
export function settleWith(
  command: CommandName,
  line: TypedOptions,
  environment: NodeJS.ProcessEnv,
  configured: ReadonlyMap<string, Setting> = new Map(),
): SettledOptions {
  const settings = optionsOf(command).map((option): Setting => {
    const { name } = option;
    const flag = line[name];
    if (flag !== undefined) return { name, value: flag, origin: { from: 'flag' } };
    const value = option.lineOnly?.includes(command) ? undefined : environmentValue(option, environment);
    if (value !== undefined) return { name, value, origin: { from: 'environment', variable: variableOf(name) } };
    return configured.get(name) ?? { name, value: defaultOf(option), origin: { from: 'default' } };
  });
  return new SettledOptions(command, settings, surroundingsIn(environment));
}

function defaultOf(row: Row): string | false | undefined {
  return row.kind === 'switch' ? false : row.default;
}

interface ConfigFile {
  path: string;
  text: string;
}

/**
 * What a file says for a command, by option.
 * @throws {OperatorError} with all that is wrong with it
 */
async function readFrom({ path, text }: ConfigFile, command: CommandName): Promise<Map<string, Setting>> {
  // The parser takes time to load, and most runs have no file.
  const { readConfig } = await import('./config-file.js');
  const faults = new Faults();
  const found = readConfig(path, text, command, faults);
  faults.throwIfAny();
  const settings = [...found].map(([name, { value, line }]): [string, Setting] => {
    return [name, { name: name as OptionName, value, origin: { from: 'file', path, line } }];
  });
  return new Map(settings);
}

/** Texts of files that were looked at before they are settled from: one may be a pipe, which can be read once. */
const texts = new Map<string, string>();

/** The file as {@link settle} will read it, which then needs not be read again. */
export function peekAtConfigFile(flag: unknown, environment: NodeJS.ProcessEnv): ConfigFile | null {
  const file = configFile(flag, environment);
  if (file !== null) texts.set(file.path, file.text);
  return file;
}

/** The file with its text; null where none is named and there is none in the usual place. */
function configFile(flag: unknown, environment: NodeJS.ProcessEnv): ConfigFile | null {
  if (Array.isArray(flag)) throw new OperatorError(EXIT.usage, '--config is given more than once: give it once');
  const named = flag ?? environmentValue(rowOf('config'), environment);
  const path = typeof named === 'string' ? named : usualPath(environment);
  if (path === null) return null;
  try {
    const text = texts.get(path) ?? readNamedFile(path).toString();
    texts.delete(path);
    return { path, text };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (named === undefined && code === 'ENOENT') return null;
    throw new OperatorError(EXIT.usage, `the configuration ${path} cannot be read (${code}): name another by --config`);
  }
}

/** The file that is read where none is named; null for a user without a home. */
function usualPath({ XDG_CONFIG_HOME, HOME }: NodeJS.ProcessEnv): string | null {
  // A relative one is to be ignored (XDG Base Directory Specification).
  if (XDG_CONFIG_HOME !== undefined && isAbsolute(XDG_CONFIG_HOME)) {
    return join(XDG_CONFIG_HOME, 'sess2redis', 'config.yaml');
  }
  return HOME ? join(HOME, '.config', 'sess2redis', 'config.yaml') : null;
}

/** The only variable with a password that `--print-config` names; its value is never shown. */
const PASSWORD = 'SESS2REDIS_PASSWORD';
const HIDDEN = '***';

/** One setting, as `--print-config --json` writes it. */
export interface SettingRecord {
  type: 'setting';
  name: string;
  /** The default, in words where it is no fixed value; null for an option that has neither value nor default. */
  value: RawValue | null;
  origin: Origin['from'];
  /** The flag, the variable, or file and line. */
  where: string;
}

/** Every setting of a command with where its value comes from. Passwords are never in them. */
export function settingRecords({ command, settings, surroundings }: SettledOptions): SettingRecord[] {
  const records = settings
    .filter(({ name }) => !rowOf(name, command).isOutsideFiles)
    .map(({ name, value, origin }): SettingRecord => {
      const told = value ?? defaultWords(rowOf(name, command)) ?? null;
      const shown = typeof told === 'string' ? withoutPassword(told) : told;
      return { type: 'setting', name, value: shown, origin: origin.from, where: placeOf(name, origin) };
    });
  if (surroundings.password) {
    records.push({ type: 'setting', name: 'password', value: HIDDEN, origin: 'environment', where: PASSWORD });
  }
  return records;
}

/**
 * The settings as a configuration file with the same effect. Defaults and the password are commented out.
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

/** Hides the password of a URL: everything between the first colon after `//` and the last `@`. */
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
