import type { Origin, Setting } from '../options-origin.js';
import { CONFIGURATION, type OptionEntry, type RawValue, type Vocabulary } from '../options-table.js';

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

/** The settings as a configuration file that says the same: what only defaults say, and a password, is commented out. */
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
