import fs from 'node:fs';
import { join } from 'node:path';
import { type RejectKind, summedUp } from '../counts/tally.js';
import { EXIT, OperatorError } from '../errors.js';
import type { RejectNote } from '../intake/take-file.js';
import { unwritable } from '../system/errno.js';
import { openOwnFile, prepareStateDirectory, unwritableState } from '../system/own-files.js';
import { formatCount } from '../units.js';
import type { Section } from './section.js';
import { describePath, table } from './text.js';

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

  /**
   * Makes the state directory if need be, and leaves what is in it. Returns where the list goes.
   * @throws {OperatorError}
   */
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

/**
 * What is no file is the operator's: it is neither written through nor taken away unsaid.
 * @throws {OperatorError}
 */
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

/** Lines per second, and in all, that a program reading them can be asked to take. */
const MOST_PER_SECOND = 200;
const MOST_LINES = 10_000;

/** Examples of each kind of difference that the end of a run shows. */
const EXAMPLES = 3;

/** Decides which differences are told one by one: some of each kind, and a bounded stream of lines. */
export class DifferenceList {
  readonly examples: RejectNote[] = [];
  /** Differences that were not told as a line. */
  untold = 0;
  #told = 0;
  #inSecond = 0;
  #secondStartMs: number;

  constructor(nowMs: number) {
    this.#secondStartMs = nowMs;
  }

  /** Takes a difference; returns whether it may be told as a line now. */
  add(note: RejectNote, nowMs: number): boolean {
    if (this.examples.filter(({ outcome }) => outcome === note.outcome).length < EXAMPLES) this.examples.push(note);
    if (nowMs - this.#secondStartMs >= 1000) {
      this.#secondStartMs = nowMs;
      this.#inSecond = 0;
    }
    if (this.#told >= MOST_LINES || this.#inSecond >= MOST_PER_SECOND) {
      this.untold++;
      return false;
    }
    this.#told++;
    this.#inSecond++;
    return true;
  }
}

const MAX_SHOWN = 10;

/** A table of the most frequent kinds for a person, or an empty string where there is none. */
export function renderRejectKinds(kinds: readonly RejectKind[] = []): string {
  const rows = summedUp(kinds, MAX_SHOWN, 0).map(({ outcome, reason, count }) => [
    outcome ?? '',
    formatCount(count),
    outcome === null ? 'for other reasons' : reason,
  ]);
  return rows.length === 0 ? '' : table(rows, [1]);
}

export function rejectKindsSection(kinds: readonly RejectKind[] = []): Section | null {
  if (kinds.length === 0) return null;
  return {
    title: 'Why files are rejected',
    lead: 'By what stands in the way, and the member of the session in which it stands.',
    table: {
      columns: [{ title: 'Outcome' }, { title: 'Files', unit: 'count' }, { title: 'Why' }, { title: 'Member' }],
      rows: kinds.map(({ outcome, reason, member, count }) => [
        outcome ?? '(others)',
        count,
        outcome === null ? 'for other reasons' : reason,
        member,
      ]),
    },
  };
}
