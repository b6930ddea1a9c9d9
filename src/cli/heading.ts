import { maskLines } from '../masking.js';
import type { RunOptions } from '../options/run-options.js';
import type { Endpoint } from '../redis/endpoint.js';

/** The name of a session's key, with a word in place of its id. */
export function shownKey({ pass }: Pick<RunOptions, 'pass'>): string {
  const { before, after } = pass.lanes.key;
  return maskLines(`${before}<sid>${after}`);
}

/** Who a target takes the run for. */
export function shownUser(target: Endpoint): string {
  return target.username ?? 'default';
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
