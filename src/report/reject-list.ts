import fs from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { RejectNote } from '../lane/journey.js';
import { openOwnFile } from '../own-file.js';
import { prepareStateDirectory, unwritableState } from '../state-directory.js';
import { unwritable } from '../system-error.js';
import { describePath } from './text.js';

/**
 * `<state-dir>/rejects.jsonl`: every file that a run could not move and why, one JSON object per line, the sid cut
 * short. Begun anew by each run; only its owner may read it.
 */
export class RejectList {
  readonly path: string;
  readonly #fd: number;

  /** @throws {OperatorError} when the state directory can't be written, before anything else is done */
  constructor(
    stateDir: string,
    readonly sources: readonly string[],
  ) {
    this.path = RejectList.prepare(stateDir);
    try {
      this.#fd = openOwnFile(this.path, 'anew');
    } catch (error) {
      throw unwritableState(stateDir, error);
    }
  }

  /** Makes the state directory if need be, and leaves what is in it. Returns where the list goes. @throws {OperatorError} */
  static prepare(stateDir: string): string {
    const path = join(stateDir, 'rejects.jsonl');
    try {
      prepareStateDirectory(stateDir);
      refuseOther(path);
    } catch (error) {
      throw unwritableState(stateDir, error);
    }
    return path;
  }

  /** @throws {OperatorError} when the disk takes no more */
  add(note: RejectNote): void {
    try {
      // Writes on after a part, which is what a disk that fills up takes.
      fs.writeFileSync(this.#fd, `${JSON.stringify(rejectRecord(note, this.sources))}\n`);
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  /** @throws {OperatorError} when the disk says only now that it did not take all of it */
  close(): void {
    try {
      fs.closeSync(this.#fd);
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }
}

/** What is no file is the operator's: it is neither written through nor taken away unsaid. @throws {OperatorError} */
function refuseOther(path: string): void {
  const stats = fs.lstatSync(path, { throwIfNoEntry: false });
  const isLink = stats?.isSymbolicLink() === true;
  if (!isLink && stats?.isDirectory() !== true) return;
  const what = isLink ? 'a link, and links are not written through' : 'a directory';
  throw new OperatorError(EXIT.permission, `${path} is ${what}: remove it, or name another by --state-dir`);
}

/** A reject as it stands in the list and in `--json`. */
export function rejectRecord(note: RejectNote, sources: readonly string[]): object {
  return {
    type: note.outcome === 'foreign' ? 'misplaced' : 'reject',
    path: describePath(note, sources),
    fingerprint: note.fingerprint,
    outcome: note.outcome,
    reason: note.reason,
    ...(note.offset >= 0 && { offset: note.offset }),
  };
}
