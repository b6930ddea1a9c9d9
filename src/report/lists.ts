import fs from 'node:fs';
import { join } from 'node:path';
import { type RejectKind, summedUp } from '../counts/tally.js';
import { EXIT, OperatorError } from '../errors.js';
import type { RejectNote } from '../intake/take-file.js';
import { unwritable } from '../system/errno.js';
import { openOwnFile, prepareStateDirectory, unwritableState } from '../system/own-files.js';
import { describePath } from './outcomes.js';
import { columnsOf, type Medium, type Section } from './section.js';

/**
 * `<state-dir>/rejects.jsonl`: each file that the run could not move and why, one JSON object per line, with the
 * session id cut short. Each run replaces it; only its owner may read it.
 */
export class RejectList {
  readonly path: string;
  readonly #fd: number;

  /** @throws {OperatorError} if the state directory cannot be written */
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
   * Creates the state directory if it is missing. Returns the path of the list.
   *
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

  /** @throws {OperatorError} if the disk is full or fails */
  add(note: RejectNote): void {
    try {
      // Not writeSync: a disk that is nearly full accepts a part of the line, and the rest has to follow.
      fs.writeFileSync(this.#fd, `${JSON.stringify(rejectRecord(note, this.sources))}\n`);
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }

  /** @throws {OperatorError} if the disk reports an earlier failure only now */
  close(): void {
    try {
      fs.closeSync(this.#fd);
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }
}

/**
 * A link or a directory at the path belongs to the operator: it is neither followed nor removed.
 *
 * @throws {OperatorError} if there is one
 */
function refuseOther(path: string): void {
  const stats = fs.lstatSync(path, { throwIfNoEntry: false });
  const isLink = stats?.isSymbolicLink() === true;
  if (!isLink && stats?.isDirectory() !== true) return;
  const what = isLink ? 'a link, and links are not written through' : 'a directory';
  throw new OperatorError(EXIT.permission, `${path} is ${what}: remove it, or name another by --state-dir`);
}

/** A reject as an object of the list and of `--json`. */
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

/** The most lines per second, and in all, that a program which reads them can be expected to handle. */
const MOST_PER_SECOND = 200;
const MOST_LINES = 10_000;

/** Examples of each kind of difference that a report shows. */
const EXAMPLES = 3;

/** Decides which differences are reported one by one: a few examples of each kind, and a bounded stream of lines. */
export class DifferenceList {
  readonly examples: RejectNote[] = [];
  /** Differences that were left out of the stream. */
  omitted = 0;
  #told = 0;
  #inSecond = 0;
  #secondStartMs: number;

  constructor(nowMs: number) {
    this.#secondStartMs = nowMs;
  }

  /** Adds a difference; returns whether it may be printed as a line. */
  add(note: RejectNote, nowMs: number): boolean {
    if (this.examples.filter(({ outcome }) => outcome === note.outcome).length < EXAMPLES) this.examples.push(note);
    if (nowMs - this.#secondStartMs >= 1000) {
      this.#secondStartMs = nowMs;
      this.#inSecond = 0;
    }
    if (this.#told >= MOST_LINES || this.#inSecond >= MOST_PER_SECOND) {
      this.omitted++;
      return false;
    }
    this.#told++;
    this.#inSecond++;
    return true;
  }
}

/** The most rows in the text. */
const MOST_IN_TEXT = 10;

/**
 * Why files are rejected, with how many for each reason; null if none is.
 *
 * @param kinds the most frequent first
 */
export function rejectKindsSection(kinds: readonly RejectKind[] = [], only: Medium = 'page'): Section | null {
  if (kinds.length === 0) return null;
  return {
    title: 'Why files are rejected',
    textTitle: 'rejects',
    only,
    lead: 'By what stands in the way, and the member of the session in which it stands.',
    table: {
      isHeadless: true,
      columns: columnsOf({ Outcome: 'text', Files: 'count', Why: 'text', Member: { only: 'page' } }),
      rows: (only === 'page' ? kinds : summedUp(kinds, MOST_IN_TEXT, 0)).map(({ outcome, reason, member, count }) => [
        outcome ?? '(others)',
        count,
        outcome === null ? 'for other reasons' : reason,
        member,
      ]),
    },
  };
}
