import { maskLines, shellWord } from '../masking.js';
import type { RunOptions } from '../options/run-options.js';
import type { TypedOptions } from '../options/settle.js';
import type { Endpoint } from '../redis/endpoint.js';
import type { LabelledValue } from '../report/section.js';
import { programVersion } from './help.js';

/** The name of a session's key, with a word in place of its id. */
function shownKey({ pass }: Pick<RunOptions, 'pass'>): string {
  const { before, after } = pass.lanes.key;
  return maskLines(`${before}<sid>${after}`);
}

/** Who a target takes the run for. */
function shownUser(target: Endpoint): string {
  return target.username ?? 'default';
}

/** What a report says of how it was made: key, user, version and the options that were typed. */
export function particularsOf(options: RunOptions, typed: TypedOptions): LabelledValue[] {
  const { target } = options;
  // Addresses stand elsewhere, without a password.
  const { to: _, from: __, ...others } = typed;
  const words = Object.entries(others).flatMap(([name, value]) => [value].flat().flatMap((one) => wordsOf(name, one)));
  return [
    { label: 'key', value: shownKey(options) },
    ...(target === null ? [] : [{ label: 'user', value: shownUser(target) }]),
    { label: 'version', value: `sess2redis ${programVersion()}` },
    { label: 'options', value: words.length === 0 ? 'none' : maskLines(words.map(shellWord).join(' ')) },
  ];
}

/**
 * What follows the heading of a run: the keys that it is about, the database, the user, and where it keeps what it
 * knows. Nothing where lines are for a program.
 *
 * @param stateDir null where the run keeps nothing
 */
export function headingLines(options: RunOptions, stateDir: string | null): string[] {
  const { target, isJson } = options;
  if (isJson) return [];
  const where = target === null ? '' : ` in ${placeOf(target)}, as user ${shownUser(target)}`;
  return [`key     ${shownKey(options)}${where}`, ...(stateDir === null ? [] : [`state   ${stateDir}`])];
}

function placeOf({ discovery, databaseIndex = 0 }: Endpoint): string {
  return discovery?.by === 'cluster' ? 'every master of the cluster' : `database ${databaseIndex}`;
}

/** By what the application was recognised, to go behind its name; empty where the operator named it. */
export function recognitionOf({ recognition }: Pick<RunOptions, 'recognition'>): string {
  return recognition === '' ? '' : `, ${recognition}`;
}

/** An option as words of a command line. */
export function wordsOf(name: string, value: string | boolean): string[] {
  if (value === true) return [`--${name}`];
  if (value === false) return [`--${name}=false`];
  return value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value];
}
