import { accessSync, constants, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import fastGlob from 'fast-glob';
import pLimit from 'p-limit';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { errorCode } from '../system-error.js';

/** Sources looked at side by side: enough to hide the latency of NFS mounts, few enough to be kind to them. */
const CHECKS_AT_ONCE = 8;

/**
 * Turns the operator's `<source...>` into session directories: absolute, existing, readable, each once. A name that
 * exists is taken as it is, any other as a glob. @throws {OperatorError} that names every source that is wrong
 */
export async function findSources(patterns: readonly string[]): Promise<string[]> {
  const limit = pLimit(CHECKS_AT_ONCE);
  const found = await Promise.allSettled(patterns.map((pattern) => limit(() => directoriesOf(pattern))));
  const faults = found.filter((result) => result.status === 'rejected').map((result) => result.reason as Error);
  const first = faults[0];
  if (first !== undefined) {
    if (!(first instanceof OperatorError)) throw first;
    throw new OperatorError(first.exitCode, faults.map((fault) => fault.message).join('; '));
  }
  const seen = new Map<string, string>();
  for (const result of found) {
    for (const directory of result.status === 'fulfilled' ? result.value : []) {
      const { dev, ino } = statSync(directory);
      const identity = `${dev}:${ino}`;
      if (!seen.has(identity)) seen.set(identity, directory);
    }
  }
  return [...seen.values()];
}

async function directoriesOf(pattern: string): Promise<string[]> {
  const literal = resolve(pattern);
  try {
    return [checkDirectory(literal)];
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || !fastGlob.isDynamicPattern(pattern)) throw explain(literal, error);
  }
  const matches = await fastGlob(pattern, { onlyDirectories: true, absolute: true, followSymbolicLinks: true });
  if (matches.length === 0) {
    throw new OperatorError(EXIT.usage, `no directory matches ${pattern}: check the pattern, and quote it`);
  }
  return matches.sort().map((match) => {
    try {
      return checkDirectory(match);
    } catch (error) {
      throw explain(match, error);
    }
  });
}

function checkDirectory(directory: string): string {
  if (!statSync(directory).isDirectory()) {
    throw new OperatorError(EXIT.usage, `${directory} is a file: name the session directory that holds it`);
  }
  accessSync(directory, constants.R_OK | constants.X_OK);
  const inner = join(directory, 'sessions');
  if (basename(directory) !== 'sessions' && isDirectory(join(directory, 'filestore')) && isDirectory(inner)) {
    throw new OperatorError(EXIT.usage, `${directory} is Odoo's data directory: name ${inner}`);
  }
  return directory;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function explain(directory: string, error: unknown): unknown {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new OperatorError(EXIT.usage, `${directory} does not exist: name Odoo's session directory`);
    case 'EACCES':
    case 'EPERM':
      return new OperatorError(
        EXIT.permission,
        `${directory} may not be read by this user: run as Odoo's user or root`,
      );
    default:
      return error;
  }
}
