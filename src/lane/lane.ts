import { isParsed, Statistics } from '../counts/statistics.js';
import type { OperatorError } from '../errors.js';
import { FileIntake } from '../intake/take-file.js';
import { digestOf, type SessionColumns, type SessionRecord } from '../ledger/record.js';
import type { Recorder } from '../ledger/recorder.js';
import { ACTION } from '../redis/batch.js';
import type { SessionWriter } from '../redis/writer.js';
import { codeOf, type Outcome, type OwnVersion, UNSETTLED } from '../session.js';
import { type Chunk, ChunkCursor } from '../source/chunk.js';
import { realFileSystem } from '../system/file-system.js';
import { ChunkProgress, nothingRecalled, type Recalled, recallChunk } from './chunk-progress.js';
import { endsSession, isRecordedSkip, RecordedBatch } from './recorded-batch.js';
import { type Carrier, failureOf, InFlight } from './serve.js';
import type { LaneSettings } from './settings.js';

const WRITTEN = codeOf('written');
const UNCHANGED = codeOf('unchanged');
/**
 * A file that is younger than this when it is read can be saved again without a sign of it, as clocks of file systems
 * are coarse: 2 s on FAT, 1 s on ext3 and old NFS servers, some milliseconds of the kernel's tick elsewhere. The rest
 * is for the clock of a file server that goes ahead of ours or behind it.
 */
const MTIME_GRAIN_MS = 5000;
const NO_VERSIONS: readonly OwnVersion[] = [];
/** Outcomes that are known from the name alone. */
const UNOPENED = new Set<Outcome>(['temp-file', 'foreign', 'dead']);

/**
 * A lane: one thread that takes chunks through read, parse, plan and write on a connection of its own. Reading is
 * synchronous, writing is not, so the disk and Redis work at the same time. What is in flight is bounded by the
 * batches that exist; a lane that has none left waits for the oldest.
 */
export class Lane implements Carrier<Recalled> {
  readonly #intake: FileIntake;
  readonly #statistics: Statistics;
  readonly #inFlight: InFlight<RecordedBatch>;

  constructor(
    readonly settings: LaneSettings,
    readonly writer: SessionWriter,
    readonly recorder: Recorder | null,
  ) {
    this.#intake = new FileIntake(realFileSystem, settings);
    this.#statistics = new Statistics(Date.now(), this.#intake.application.store.collectedAfterMs);
    this.#inFlight = new InFlight(() => new RecordedBatch(settings.key, settings.ownership));
  }

  /**
   * Reads and plans the whole chunk, sends what moves, and acknowledges when the last reply is in.
   * @param recalled what {@link prepare} gave for it
   */
  async carry(chunk: Chunk, recalled: Recalled): Promise<void> {
    const nowMs = Date.now();
    const { settings } = this;
    const intake = this.#intake;
    const { weights } = this.#statistics;
    const progress = new ChunkProgress(chunk.source, recalled);
    let batch = await this.#inFlight.batch();

    const entries = new ChunkCursor(chunk);
    for (let entry = 0; entries.next(); entry++) {
      if (progress.outcomes[entry] !== UNSETTLED) continue;
      const outcome = intake.take(chunk.source, entries.path, entries.mayBeFile, nowMs);
      progress.sourceBytes += intake.reader.length;
      if (isParsed(outcome)) this.#count(chunk.source, outcome, nowMs);
      if (outcome === null && this.#isAsRecorded(recalled.records[entry] ?? null)) {
        progress.outcomes[entry] = UNCHANGED;
        this.#note(progress.unchanged, chunk.source, recalled.records[entry] ?? null, nowMs);
        weights.add(UNCHANGED, intake.reader.size, intake.reader.allocatedBytes);
      } else if (outcome === null) {
        this.#add(batch, entry, chunk.source, recalled, nowMs);
        progress.valueBytes += intake.valueLength;
        progress.sent++;
        weights.add(WRITTEN, intake.reader.size, intake.reader.allocatedBytes);
      } else {
        const code = codeOf(outcome);
        progress.outcomes[entry] = code;
        if (settings.weighsUnopened && UNOPENED.has(outcome)) intake.weigh(chunk.source, entries.path);
        weights.add(code, intake.reader.size, intake.reader.allocatedBytes);
        if (intake.isTold(outcome)) progress.rejects.push(intake.note(chunk.source, entries.path, outcome));
        if (this.recorder !== null) this.#leaveBehind(outcome, batch, entry, chunk.source, recalled, progress, nowMs);
      }
      if (batch.commands.isFull) {
        progress.writes.push(this.#send(batch, progress));
        batch = await this.#inFlight.batch();
      }
    }
    if (batch.commands.count > 0) progress.writes.push(this.#send(batch, progress));
    else this.#inFlight.free(batch);
    if (progress.skipped.count > 0) progress.writes.push(this.#recordSkipped(progress));
    if (progress.unchanged.count > 0) progress.writes.push(failureOf(this.recorder?.confirm(progress.unchanged)));

    this.#inFlight.acknowledge(progress.writes, () => {
      const ack = progress.toAck();
      this.#statistics.examples.collect(chunk, ack.outcomes, this.#intake.application);
      return ack;
    });
  }

  /** Resolves when every chunk that was carried is acknowledged. */
  async end(): Promise<Statistics> {
    await this.#inFlight.end();
    this.writer.close();
    await this.recorder?.close();
    return this.#statistics;
  }

  interrupt(error: OperatorError): void {
    this.writer.interrupt(error);
  }

  /** What the ledger says about the chunk, asked early, so that the answer is there when its turn comes. */
  async prepare(chunk: Chunk): Promise<Recalled> {
    const { recorder, settings } = this;
    if (recorder === null || recorder.share.mode === 'fresh') return nothingRecalled(chunk);
    return recallChunk(chunk, settings.sources, recorder, this.#intake);
  }

  /** Adds the session that was taken last to the batch. */
  #add(batch: RecordedBatch, entry: number, source: number, { records }: Recalled, nowMs: number): void {
    const { name, value, valueLength, expiryMs } = this.#intake;
    const before = records[entry] ?? null;
    const rights = this.recorder?.rightsFor(before) ?? null;
    if (rights !== null) {
      const own = before === null || before.state === 'kept' ? NO_VERSIONS : before.versions;
      batch.commands.addUpdate(entry, name.sid, value, 0, valueLength, expiryMs, own, rights);
    } else {
      batch.commands.add(entry, name.sid, value, 0, valueLength, expiryMs);
    }
    if (this.recorder !== null) batch.noteSent(this.#note(batch.sent, source, before, nowMs));
  }

  /** Records a session that does not move; a copy of ours that was sent when it still did is deleted. */
  #leaveBehind(
    outcome: Outcome,
    batch: RecordedBatch,
    entry: number,
    source: number,
    { records }: Recalled,
    progress: ChunkProgress,
    nowMs: number,
  ): void {
    const before = records[entry] ?? null;
    if (before !== null && this.recorder?.doubt.mayHoldOurs(before)) {
      if (!endsSession(outcome)) return;
      batch.commands.addDelete(entry, this.#intake.name.sid, before.versions);
      batch.noteWithdrawn(this.#note(batch.withdrawn, source, before, nowMs), outcome);
    } else if (isRecordedSkip(outcome)) {
      this.#note(progress.skipped, source, before, nowMs);
    }
  }

  /** Whether the session that was taken last was sent before: the file was read for its age only. */
  #isAsRecorded(before: SessionRecord | null): boolean {
    if (before === null || !Number.isNaN(before.mtimeMs) || before.state === 'skipped') return false;
    const { recorder } = this;
    if (recorder?.share.mode !== 'compare' || recorder.doubt.isInDoubt(before) || recorder.isToRepair(before))
      return false;
    const { value, valueLength, expiryMs } = this.#intake;
    const [version] = before.versions;
    return version?.expiryMs === expiryMs && version.digest === digestOf(value.subarray(0, valueLength));
  }

  /** Records the session that was taken last; returns its place. */
  #note(noted: SessionColumns, source: number, before: SessionRecord | null, nowMs: number): number {
    const { reader, name } = this.#intake;
    const at = noted.add(name.sid, name.layout, source, reader, before);
    if (reader.mtimeMs > nowMs - MTIME_GRAIN_MS) noted.mtimeMs[at] = Number.NaN;
    return at;
  }

  #count(source: number, outcome: Outcome | null, nowMs: number): void {
    const { application, name, facts, reader, valueLength, expiryMs } = this.#intake;
    if (name.verdict !== 'session') return;
    const cell = this.#statistics.parsed(source, name.layout, name.kind, application.markOf(name), facts, reader);
    if (outcome === null) {
      this.#statistics.moves(cell, valueLength, expiryMs - nowMs);
      return;
    }
    this.#statistics.stays(cell, outcome);
    if (outcome !== 'expired') return;
    if (application.losesCart(reader.mtimeMs, nowMs)) this.#statistics.lostCarts++;
    else if (name.kind === null && !application.store.refusesOldFiles) {
      this.#statistics.lapsed.sessions++;
      if (cell.sessionClass === 'login') this.#statistics.lapsed.logins++;
    }
  }

  /** Resolves to the error that kept some of the batch from being settled, or null. */
  async #send(batch: RecordedBatch, progress: ChunkProgress): Promise<unknown> {
    const failure = await failureOf(batch.settle(this.writer, this.recorder));
    const { commands } = batch;
    for (let i = 0; i < commands.count; i++) {
      if (commands.action[i] === ACTION.delete) continue;
      progress.outcomes[commands.entry[i] as number] = commands.outcome[i] as number;
    }
    progress.took(batch);
    batch.clear();
    this.#inFlight.free(batch);
    return failure;
  }

  #recordSkipped(progress: ChunkProgress): Promise<unknown> {
    const { skipped } = progress;
    const recording = (this.recorder as Recorder).skip(skipped);
    return failureOf(recording.then(() => progress.see(skipped)));
  }
}
