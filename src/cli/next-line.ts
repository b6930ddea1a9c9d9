import type { Endpoint } from '../target/endpoint.js';
import { type Command, optionsOf, type TypedOptions } from './command-line.js';
import { explainCommand } from './commands/explain.js';
import { migrateCommand } from './commands/migrate.js';
import { syncCommand } from './commands/sync.js';
import { verifyCommand } from './commands/verify.js';

const COMMANDS: Readonly<Record<string, Command>> = {
  migrate: migrateCommand,
  sync: syncCommand,
  verify: verifyCommand,
  explain: explainCommand,
};

/** Options of one run: where it stands in the cutover, how much of it is done, and how it speaks. */
const OF_ONE_RUN = [
  ...['to', 'from', 'dry-run', 'every', 'final', 'cutover-done', 'repair', 'max-delete', 'conflict', 'force'],
  ...['limit', 'max-rejects', 'sample', 'fail-if-empty', 'print-config'],
  ...['json', 'report', 'quiet', 'no-color', 'log-level', 'log-file', 'metrics-file', 'metrics-listen'],
];

/**
 * The options of the operator's line that another command needs to work on the same keys of the same server with the same
 * ledger, as words of a line. None of them is a secret: a password comes from a file or the environment.
 * @param target as it was named: a user in its URL becomes an option, because no URL is shown with one
 */
export function carriedWords(command: string, typed: TypedOptions, target: Endpoint | null = null): string[] {
  const known = COMMANDS[command];
  if (known === undefined) return [];
  const options = optionsOf(known);
  const words = target?.username !== undefined && typed.user === undefined ? wordsOf('user', target.username) : [];
  for (const [name, value] of Object.entries(typed)) {
    if (OF_ONE_RUN.includes(name) || !Object.hasOwn(options, name)) continue;
    for (const one of Array.isArray(value) ? value : [value]) words.push(...wordsOf(name, one));
  }
  return words;
}

function wordsOf(name: string, value: string | boolean): string[] {
  if (value === true) return [`--${name}`];
  if (value === false) return [`--${name}=false`];
  return value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value];
}
