import { accessSync, constants, type Dirent, lstat, readdir, type Stats, stat, statSync } from 'node:fs';
import { resolve } from 'node:path';
import fastGlob, { type Options as FastGlobOptions } from 'fast-glob';
import pLimit from 'p-limit';
import { EXIT, OperatorError } from '../errors.js';
import { errorCode, isDeadMount } from '../system/errno.js';

/** Sources looked at side by side: enough to hide the latency of NFS mounts, few enough to be kind to them. */
const CHECKS_AT_ONCE = 8;

type WrongReason = (directory: string) => string | null;

/**
 * Turns the operator's `<source...>` into session directories: absolute, existing, readable, each once. A name that
 * exists is taken as it is, any other as a glob.
 * @param onPassedOver told of directories that a glob could not look into
 * @param wrongReason why a directory is not the application's, as `is ...: name ...`; null for one that may be
 * @throws {OperatorError} that names every source that is wrong
 */
export async function findSources(
  patterns: readonly string[],
  onPassedOver: (warning: string) => void = () => {},
  wrongReason: WrongReason = () => null,
): Promise<string[]> {
  const limit = pLimit(CHECKS_AT_ONCE);
  const found = await Promise.allSettled(
    patterns.map((pattern) => limit(() => directoriesOf(pattern, onPassedOver, wrongReason))),
  );
  const faults = found.filter((result) => result.status === 'rejected').map((result) => result.reason as Error);
  const first = faults[0];
  if (first !== undefined) {
    if (!(first instanceof OperatorError)) throw first;
    throw new OperatorError(first.exitCode, faults.map((fault) => fault.message).join('; '));
  }
  const seen = new Map<string, string>();
  for (const result of found) {
    for (const directory of result.status === 'fulfilled' ? result.value : []) {
      const { dev, ino } = looking(directory, () => statSync(directory));
      const identity = `${dev}:${ino}`;
      if (!seen.has(identity)) seen.set(identity, directory);
    }
  }
  return [...seen.values()];
}

async function directoriesOf(
  pattern: string,
  onPassedOver: (warning: string) => void,
  wrongReason: WrongReason,
): Promise<string[]> {
  const literal = resolve(pattern);
  const isPattern = fastGlob.isDynamicPattern(pattern);
  if (!isPattern || isThere(literal)) return [looking(literal, () => checkDirectory(literal, wrongReason))];
  const { matches, closed } = await glob(pattern);
  if (matches.length === 0 && closed.length > 0) throw explain(closed[0] as string, 'EACCES');
  if (matches.length === 0) {
    throw new OperatorError(EXIT.usage, `no directory matches ${pattern}: check the pattern, and quote it`);
  }
  for (const directory of closed) {
    onPassedOver(`${directory} may not be looked into by this user: what ${pattern} would match in there is left out`);
  }
  return matches.sort().map((match) => looking(match, () => checkDirectory(match, wrongReason)));
}

interface GlobResult {
  matches: string[];
  /** Directories on the way that this user may not look into. */
  closed: string[];
}

/** @throws {OperatorError} where something on the way can't be looked at for another reason than its permissions */
async function glob(pattern: string): Promise<GlobResult> {
  const failures = new Map<string, string>();
  const found = { onlyDirectories: true, absolute: true, followSymbolicLinks: true, suppressErrors: true } as const;
  const matches = await fastGlob(pattern, { ...found, fs: noting((path, code) => failures.set(path, code)) });
  const closed: string[] = [];
  for (const [path, code] of failures) {
    if (code === 'EACCES' || code === 'EPERM') closed.push(path);
    // A link that leads nowhere or in a circle, and what is removed meanwhile, matches nothing.
    else if (!['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'].includes(code)) throw explain(path, code);
  }
  return { matches, closed };
}

/**
 * The calls that fast-glob makes, each failure told of: on its own it either ends at the first one, or says nothing.
 */
function noting(onFailure: (path: string, code: string) => void): FileSystemAdapter {
  const told =
    <T>(path: string, callback: Callback<T>): Callback<T> =>
    (error, result) => {
      if (error !== null) onFailure(resolve(path), errorCode(error));
      callback(error, result);
    };
  const calls = {
    readdir: (path: string, options: { withFileTypes: true }, callback: Callback<Dirent[]>) =>
      readdir(path, options, told(path, callback)),
    lstat: (path: string, callback: Callback<Stats>) => lstat(path, told(path, callback)),
    stat: (path: string, callback: Callback<Stats>) => stat(path, told(path, callback)),
  };
  // It always asks for types, which its own declaration leaves open.
  return calls as unknown as FileSystemAdapter;
}

type FileSystemAdapter = NonNullable<FastGlobOptions['fs']>;
type Callback<T> = (error: NodeJS.ErrnoException | null, result: T) => void;

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // A pattern may be longer than a name can be.
    return errorCode(error) !== 'ENAMETOOLONG';
  }
}

function checkDirectory(directory: string, wrongReason: WrongReason): string {
  if (!statSync(directory).isDirectory()) {
    throw new OperatorError(EXIT.usage, `${directory} is a file: name the session directory that holds it`);
  }
  accessSync(directory, constants.R_OK | constants.X_OK);
  const reason = wrongReason(directory);
  if (reason !== null) throw new OperatorError(EXIT.usage, `${directory} ${reason}`);
  return directory;
}

/**
 * Does what looks at `directory`.
 * @throws {OperatorError} for whatever the system says against it
 */
function looking<T>(directory: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof OperatorError || errorCode(error) === '') throw error;
    throw explain(directory, errorCode(error));
  }
}

function explain(directory: string, code: string): OperatorError {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new OperatorError(EXIT.usage, `${directory} does not exist: name the application's session directory`);
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return new OperatorError(
        EXIT.usage,
        `${directory} leads nowhere (${code}): name the application's session directory`,
      );
    case 'EACCES':
    case 'EPERM':
      return new OperatorError(
        EXIT.permission,
        `${directory} may not be read by this user: run as the application's user or root`,
      );
    default: {
      const advice = isDeadMount(code) ? 'mount it again' : 'check the disk or the mount';
      return new OperatorError(
        EXIT.temporary,
        `${directory} cannot be looked at, the system said ${code}: ${advice}, then run the same line`,
      );
    }
  }
}
