import type { KeyTemplate } from '../applications/application.js';
import { type Deletes, noDeletes } from '../counts/tally.js';
import { SessionColumns } from '../ledger/record.js';
import type { Recorder } from '../ledger/recorder.js';
import { MAX_BATCH_SESSIONS, WriteBatch } from '../redis/batch.js';
import { DELETE_REPLY, type Ownership } from '../redis/ownership.js';
import { CODE } from '../redis/steps.js';
import type { SessionWriter } from '../redis/writer.js';
import { classOf, type Outcome } from '../session.js';

/**
 * A batch of commands with what is to be recorded of each: what is set is recorded before it is sent, what is deleted
 * when its reply is in. Without a recorder it is the commands alone.
 */
export class RecordedBatch {
  readonly commands: WriteBatch;
  readonly deletes = noDeletes();
  /** Sessions that are set; `#sentAt` are their places among the commands. */
  readonly sent = new SessionColumns(MAX_BATCH_SESSIONS);
  /** Sessions whose file no longer moves, while the target may hold a copy of ours. */
  readonly withdrawn = new SessionColumns(MAX_BATCH_SESSIONS);
  readonly #sentAt = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly #expiryMs = new Float64Array(MAX_BATCH_SESSIONS);
  readonly #withdrawnAt = new Uint32Array(MAX_BATCH_SESSIONS);
  readonly #withdrawnFor: Outcome[] = [];

  constructor(key: KeyTemplate, ownership: Ownership) {
    this.commands = new WriteBatch(key.before, key.after, ownership, key.digest);
  }

  /** Notes the session whose command was added last, to set it; it is the one noted last in `sent`. */
  noteSent(at: number): void {
    const command = this.commands.count - 1;
    this.#sentAt[at] = command;
    this.#expiryMs[at] = this.commands.expiryMs[command] as number;
  }

  /** Notes the session whose command was added last, to delete its copy; it is the one noted last in `withdrawn`. */
  noteWithdrawn(at: number, outcome: Outcome): void {
    this.#withdrawnAt[at] = this.commands.count - 1;
    this.#withdrawnFor[at] = outcome;
  }

  /**
   * Records, sends, and records what came of it.
   * @throws {OperatorError}
   */
  async settle(writer: SessionWriter, recorder: Recorder | null): Promise<void> {
    const { commands, sent } = this;
    if (recorder === null) return writer.settle(commands);
    const valueAt = (at: number) => commands.value(this.#sentAt[at] as number);
    const batch = sent.count > 0 ? await recorder.begin(sent, this.#expiryMs, valueAt) : 0;
    await writer.settle(commands);
    if (sent.count > 0) {
      const isKept = (at: number) => commands.outcome[this.#sentAt[at] as number] === CODE.kept;
      const isWithheld = (at: number) => commands.withheld[this.#sentAt[at] as number] === 1;
      await recorder.settle(batch, sent, this.#expiryMs, valueAt, isKept, isWithheld);
    }
    if (this.withdrawn.count > 0) await this.#settleWithdrawn(recorder);
  }

  clear(): void {
    this.commands.clear();
    this.sent.clear();
    this.withdrawn.clear();
    Object.assign(this.deletes, noDeletes());
  }

  /** All are recorded as skipped; rejects with no moment that a file could have, because every run looks at them. */
  async #settleWithdrawn(recorder: Recorder): Promise<void> {
    const { withdrawn, commands, deletes } = this;
    const skipped = new SessionColumns(withdrawn.count);
    for (let at = 0; at < withdrawn.count; at++) {
      countDelete(deletes, commands.outcome[this.#withdrawnAt[at] as number] as number);
      skipped.addFrom(withdrawn, at);
      if (!isRecordedSkip(this.#withdrawnFor[at] as Outcome)) skipped.mtimeMs[at] = Number.NaN;
    }
    await recorder.skip(skipped);
  }
}

export function countDelete(deletes: Deletes, reply: number): void {
  if (reply === DELETE_REPLY.deleted) deletes.deleted++;
  else if (reply === DELETE_REPLY.kept) deletes.kept++;
  else deletes.absent++;
}

/**
 * Outcomes at which a session is over, or was never for this target, or was saved with what the copy can't hold: then
 * the copy would be of a former state, in which somebody may be logged in who is not any more. An `unreadable` file may
 * well be as it was.
 */
const ENDS = new Set<Outcome>([
  ...(['expired', 'anonymous', 'other-db', 'rotated', 'report-clone', 'empty'] as const),
  ...(['malformed', 'too-large', 'unsupported'] as const),
]);

/** Whether a copy of ours has to go when its file comes to this. */
export function endsSession(outcome: Outcome): boolean {
  return ENDS.has(outcome);
}

/**
 * Whether a file with this outcome is recorded, so that it is not read again until it changes. Rejects are not: they
 * are listed by every run. Time alone can't change any of these.
 */
export function isRecordedSkip(outcome: Outcome): boolean {
  return classOf(outcome) === 'skip' && (ENDS.has(outcome) || outcome === 'older') && outcome !== 'empty';
}
