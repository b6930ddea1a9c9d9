/**
 * READ FIRST. A pass that follows an earlier one: what it can conclude from the record and from the target, and the
 * logouts that follow from files that are gone.
 *
 *   trust           how far the ledger and the target can be trusted, decided first
 *   markers         what the run left in the target      conclusion       what follows from what is found there
 *   record-gap      keys of which no record tells        record-recovery  records made again from receipts
 *   incompleteness  a ledger that does not know all      repair           copies that are gone or changed
 *   logouts         files that are gone: their copies are deleted
 *
 * This file is the pass itself, from its beginning to its end.
 */

import { applicationOf } from '../applications/application-of.js';
import { type Ack, type Deletes, noDeletes } from '../counts/tally.js';
import { EXIT, OperatorError } from '../errors.js';
import type { LaneSettings } from '../lane/settings.js';
import type { PassNote } from '../ledger/facts.js';
import { META } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { OrdinalSet } from '../ledger/ordinals.js';
import type { LedgerShare } from '../ledger/record-doubt.js';
import { ShardMarks } from '../ledger/shard-marks.js';
import { dryRunWriter, openWriter } from '../redis/writer.js';
import { codeOf } from '../session.js';
import { realFileSystem } from '../system/file-system.js';
import { noteOtherRun } from './incompleteness.js';
import { type MaxDelete, propagateLogouts } from './logouts.js';
import { RunMarkers } from './markers.js';
import { type Damage, NO_REPAIR, repairOf } from './repair.js';
import { addDoubt, leaveMarker, type TrustOptions, trustIn } from './trust.js';

/** Entries of these outcomes are no session files: a store that holds nothing else is empty. */
const NO_SESSIONS = [codeOf('foreign'), codeOf('temp-file')];
/** A first pass leaves a copy of ours of each of these. */
const MOVED = [codeOf('written'), codeOf('updated'), codeOf('same')];

/** A source is empty or another directory than before: its volume is not mounted, as a rule. */
export class SourceAway extends OperatorError {
  constructor(message: string) {
    super(EXIT.limit, message);
  }
}

export interface RecordOptions extends TrustOptions {
  /** Shards whose directory did not change are passed over. */
  maySkipShards: boolean;
  maxDelete: MaxDelete;
  /** The operator was told before the pass that the user may not leave a marker. */
  isMarkerRefused: boolean;
}

/**
 * A pass that is recorded in the ledger: what its lanes have to know, what it has seen, and, when it was complete, the
 * logouts that follow from what it has not.
 */
export class RecordedPass {
  readonly #seen = new OrdinalSet();
  readonly #sessionsIn: number[];
  #underWay = 0;
  /** Sessions on record, once the pass was complete. */
  recordCount = 0;
  /**
   * Sessions with a copy of ours that lives, by all passes so far; null before the end and once the application runs on
   * the target.
   */
  ours: number | null = null;
  /** Sessions of which this pass left a copy of ours, if it is the first: none was there before. */
  #movedFirst = 0;

  private constructor(
    readonly ledger: Ledger,
    readonly lanes: LaneSettings,
    readonly share: LedgerShare,
    readonly shards: ShardMarks,
    readonly options: RecordOptions,
    readonly isFull: boolean,
    /** What was found at the target before the pass; null where it was not asked. */
    readonly damage: Damage | null,
    /** Null where none is written: in a dry run, and without a target. */
    readonly markers: RunMarkers | null,
  ) {
    this.#sessionsIn = lanes.sources.map(() => 0);
  }

  /**
   * Decides how far the record can be trusted, and begins the pass in it.
   * @throws {OperatorError}
   */
  static async begin(
    ledger: Ledger,
    lanes: LaneSettings,
    options: RecordOptions,
    signal: AbortSignal,
  ): Promise<RecordedPass> {
    await ledger.findOpenBatches();
    const markers = options.target === null ? null : new RunMarkers(ledger, options.target, lanes);
    if (markers !== null) markers.isRefusalTold = options.isMarkerRefused;
    const trust = await trustIn(ledger, lanes, markers, options, signal);
    const mayRepair = trust.mode === 'compare' && trust.doubt === null;
    const { damage, toRepair } = mayRepair ? await repairOf(ledger, lanes, options, signal) : NO_REPAIR;
    const isRecordComplete = trust.doubt === null && toRepair === null && ledger.openBatches.length === 0;
    const { hasShards } = applicationOf(lanes.application).store;
    const maySkip = hasShards && options.maySkipShards && trust.mode === 'compare' && isRecordComplete;
    const shards = await ShardMarks.open(ledger, maySkip);
    const begun = await ledger.beginPass(trust, lanes.sources.length === 1);
    const written = options.isDryRun ? null : markers;
    const receipts = written === null ? null : await written.receiptsOf(begun.mode);
    if (written !== null) await leaveMarker(written, begun, options);
    await written?.dropLeftovers();
    const share = { ...begun, toRepair: toRepair?.share() ?? null, receipts };
    const settings = { ...lanes, ledger: share };
    return new RecordedPass(ledger, settings, share, shards, options, !maySkip, damage, written);
  }

  /** How many entries the stores had when a pass last looked at all of them; null where no such pass is on record. */
  get expectedEntries(): number | null {
    const isWhole = ({ isFull, exitCode }: PassNote) =>
      isFull && (exitCode === EXIT.complete || exitCode === EXIT.rejects);
    return this.isFull ? (this.ledger.passes.filter(isWhole).at(-1)?.listed ?? null) : null;
  }

  get isResumed(): boolean {
    return this.share.mode !== 'fresh';
  }

  /** Makes sure, before a chunk is dispatched, that its entries can get ordinals. */
  async reserve(entries: number): Promise<void> {
    await this.ledger.reserve(entries, this.#underWay);
    this.#underWay += entries;
  }

  acknowledged(ack: Ack): void {
    this.#underWay -= ack.outcomes.length;
    this.#seen.add(ack.seen);
    let sessions = ack.outcomes.length;
    for (const code of ack.outcomes) {
      if (NO_SESSIONS.includes(code)) sessions--;
      else if (MOVED.includes(code)) this.#movedFirst++;
    }
    this.#sessionsIn[ack.source] = (this.#sessionsIn[ack.source] as number) + sessions;
  }

  /**
   * Called once, after a walk that saw everything.
   * @throws {OperatorError} with exit code 6 for a mass disappearance
   */
  async complete(signal: AbortSignal): Promise<Deletes> {
    const { ledger, lanes, shards, options, share } = this;
    let deletes = noDeletes();
    if (share.mode === 'fresh') {
      // Nothing was on record before, so nothing that was is gone.
      this.recordCount = this.#seen.count;
      this.ours = this.#movedFirst;
    } else if (share.mode !== 'cutover') {
      if (options.maxDelete.share < 1) await this.#refuseOtherRoots();
      const writer =
        lanes.target === null
          ? dryRunWriter
          : openWriter(lanes.target, { conflict: 'keep', giveUpAfterMs: lanes.giveUpAfterMs });
      const interrupt = () => writer.interrupt(signal.reason as OperatorError);
      signal.addEventListener('abort', interrupt, { once: true });
      try {
        const { sources, key, ownership } = lanes;
        const application = applicationOf(lanes.application);
        const [{ pass, doubt }, { maxDelete }] = [share, options];
        const scope = { ledger, seen: this.#seen, shards, sources, key, ownership, maxDelete, pass, doubt };
        const outcome = await propagateLogouts(
          { ...scope, application, fileSystem: realFileSystem },
          writer,
          Date.now(),
        );
        deletes = outcome.deletes;
        this.recordCount = outcome.total;
        this.ours = outcome.ours;
      } finally {
        signal.removeEventListener('abort', interrupt);
        writer.close();
      }
    }
    await shards.keep();
    await ledger.keepFact(META.roots, rootsOf(lanes.sources));
    await this.#closeMarker();
    return deletes;
  }

  /**
   * Whether the target lost what it acknowledged while this pass went by.
   * @throws {OperatorError}
   */
  async hasTargetLost(): Promise<boolean> {
    // Once the application reads from the target, logouts end there as well.
    if (this.markers === null || this.share.mode === 'cutover') return false;
    return !(await this.markers.areOf(this.share.pass));
  }

  /** A server may have lost what it acknowledged in this pass: the next one looks at all of it again. */
  async doubtTarget(): Promise<void> {
    const { pass } = this.share;
    await addDoubt(this.ledger, { from: pass, to: pass });
  }

  /** Says in the target that everything up to this pass is there. */
  async #closeMarker(): Promise<void> {
    const { ledger, share, options, markers } = this;
    if (markers === null || share.mode === 'cutover') return;
    if (await this.hasTargetLost()) {
      await this.doubtTarget();
      throw new OperatorError(
        EXIT.temporary,
        'the target has lost data just now: run the same line again to check and complete it',
      );
    }
    if (markers.hasMetOther) await noteOtherRun(ledger, this.lanes, options);
    // Durable before the target says so: a power loss must not look as if the ledger were older.
    await ledger.keepFact(META.recorded, share.pass);
    await leaveMarker(markers, share, options, true);
    await ledger.keepFact(META.doubt, null);
  }

  /** Notes how the pass ended. */
  async end(note: PassNote, isComplete: boolean): Promise<void> {
    await this.ledger.endPass(note, isComplete);
  }

  /** A source that is another directory than before, or empty, was unmounted or purged: nobody logged out. */
  async #refuseOtherRoots(): Promise<void> {
    const { ledger, lanes, shards } = this;
    const before = await ledger.fact<string[]>(META.roots);
    if (before === null) return;
    for (const [i, root] of rootsOf(lanes.sources).entries()) {
      const isOther = before[i] !== root;
      const isEmpty = this.#sessionsIn[i] === 0 && !shards.hasSkipped(i);
      if (!isOther && !(isEmpty && (await ledger.hasRecords()))) continue;
      throw new SourceAway(
        `${lanes.sources[i]} is ${isOther ? 'not the directory that it was' : 'empty'}: nothing was deleted; check that the store ` +
          'is mounted; if the application runs on Redis by now, say --cutover-done; and only if all these users logged ' +
          'out, run again with --max-delete 100%',
      );
    }
  }
}

function rootsOf(sources: readonly string[]): string[] {
  return sources.map((source) => {
    const { dev, ino } = realFileSystem.statSync(source, { bigint: true });
    return `${dev}:${ino}`;
  });
}
