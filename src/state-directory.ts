import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { OperatorError } from './errors.js';
import { EXIT } from './exit-codes.js';
import { errorCode, exitCodeForPlace, remedyFor } from './system-error.js';

const [GROUP_MAY_WRITE, ALL_MAY_WRITE] = [0o020, 0o002];

/**
 * Makes the state directory if need be, for its owner alone, whatever the umask. @throws {OperatorError} where it is
 * another user's or others may write to it: what is kept in it is believed, as ssh believes its keys. A directory of
 * root's that a group may write to is taken: so are the volumes of a pod.
 */
export function prepareStateDirectory(stateDir: string): void {
  const user = process.geteuid?.();
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(stateDir);
    if (user !== undefined && uid !== user && uid !== 0) {
      throw refused(`${stateDir} belongs to user ${uid}: run as that user, or name another by --state-dir`);
    }
    if ((mode & ALL_MAY_WRITE) !== 0 || (uid === user && user !== 0 && (mode & GROUP_MAY_WRITE) !== 0)) {
      throw refused(`others may write to ${stateDir}: chmod go-w it, or name another by --state-dir`);
    }
  } catch (error) {
    throw unwritableState(stateDir, error);
  }
}

/** The sentence for a state directory that can't be written, whatever was tried; another error comes back as it is. */
export function unwritableState(stateDir: string, error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof OperatorError || code === '') return error;
  const exitCode = exitCodeForPlace(code);
  const mend = exitCode === EXIT.permission ? '' : `${remedyFor(code)}, or `;
  return new OperatorError(exitCode, `${stateDir} cannot be written (${code}): ${mend}name another by --state-dir`);
}

/** The options that name files of a run's own. */
interface OwnFiles {
  log: { file: string | undefined };
  metrics: { file: string | null };
  reportPath: string | null;
}

/** The files of a run's own, by option. @param stateDir null for a command that keeps nothing */
export function ownPlaces(
  { log, metrics, reportPath }: OwnFiles,
  stateDir: string | null,
): Record<string, string | null> {
  const files = { '--log-file': log.file ?? null, '--report': reportPath, '--metrics-file': metrics.file };
  return { '--state-dir': stateDir, ...files };
}

/**
 * Refuses places of a run's own files that lie in a session directory: Odoo's clean-up takes them for old sessions.
 * @param places by option @throws {OperatorError} with exit code 2
 */
export function refusePlacesInside(sources: readonly string[], places: Readonly<Record<string, string | null>>): void {
  for (const [option, place] of Object.entries(places)) {
    const inside = place === null ? undefined : sources.find((source) => isBelow(realOf(place), realOf(source)));
    if (inside === undefined) continue;
    const why = "Odoo's clean-up would take what is in there for old sessions";
    throw new OperatorError(
      EXIT.usage,
      `${option} ${place} lies in the source ${inside}: name a place elsewhere, ${why}`,
    );
  }
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`);
}

/** The path without links, as far as it is there. */
function realOf(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const parent = resolve(absolute, '..');
    return parent === absolute ? absolute : resolve(realOf(parent), absolute.slice(parent.length).replace(/^\/+/, ''));
  }
}

function refused(message: string): OperatorError {
  return new OperatorError(EXIT.permission, message);
}
