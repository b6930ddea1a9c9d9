import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { OperatorError } from '../errors.js';
import { losesCart } from '../plan/plan.js';
import { codeOf, OUTCOMES, type Outcome, UNSETTLED } from '../session.js';
import { type Chunk, ChunkCursor } from '../source/chunk.js';
import { realFileSystem } from '../source/file-system.js';
import { WriteBatch } from '../target/batch.js';
import { Wire } from '../target/wire.js';
import { dryRunWriter, RedisWriter, type SessionWriter } from '../target/writer.js';
import { type RejectNote, SessionJourney } from './journey.js';
import type { Ack, FromLane, ToLane } from './messages.js';
import type { LaneSettings } from './settings.js';
import { isParsed, Statistics } from './statistics.js';

/** Round trips that one lane keeps under way: while Redis works on some, the next one is read and parsed. */
const BATCHES_IN_FLIGHT = 3;

/**
 * A lane: one thread that takes chunks through read, parse, plan and write on a connection of its own. Reading is
 * synchronous, writing is not, so the disk and Redis work at the same time. What is in flight is bounded by the
 * batches that exist; a lane that has none left waits for the oldest.
 */
class Lane {
  readonly #journey: SessionJourney;
  readonly #statistics = new Statistics(Date.now());
  readonly #freeBatches: WriteBatch[];
  #batchFreed: (() => void) | null = null;
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    readonly settings: LaneSettings,
    readonly writer: SessionWriter,
  ) {
    this.#journey = new SessionJourney(realFileSystem, settings);
    const { before, after } = settings.key;
    this.#freeBatches = Array.from({ length: BATCHES_IN_FLIGHT }, () => new WriteBatch(before, after));
  }

  /** Reads and plans the whole chunk, sends what moves, and acknowledges when the last reply is in. */
  async carry(chunk: Chunk): Promise<void> {
    const nowMs = Date.now();
    const journey = this.#journey;
    const outcomes = new Uint8Array(chunk.count).fill(UNSETTLED);
    const rejects: RejectNote[] = [];
    const writes: Promise<unknown>[] = [];
    let sourceBytes = 0;
    let valueBytes = 0;
    let sent = 0;
    let batch = this.#freeBatches.pop() ?? (await this.#nextBatch());

    const entries = new ChunkCursor(chunk);
    for (let entry = 0; entries.next(); entry++) {
      const outcome = journey.take(chunk.source, entries.path, entries.mayBeFile, nowMs);
      sourceBytes += journey.reader.length;
      if (isParsed(outcome)) this.#count(outcome, nowMs);
      if (outcome === null) {
        batch.add(entry, journey.name.sid, journey.value, 0, journey.valueLength, journey.expiryMs);
        valueBytes += journey.valueLength;
        sent++;
        if (batch.isFull) {
          writes.push(this.#send(batch, outcomes));
          batch = this.#freeBatches.pop() ?? (await this.#nextBatch());
        }
      } else {
        const code = codeOf(outcome);
        outcomes[entry] = code;
        if (OUTCOMES[code]?.[1] === 'reject') rejects.push(journey.note(chunk.source, entries.path, outcome));
      }
    }
    if (batch.count > 0) writes.push(this.#send(batch, outcomes));
    else this.#free(batch);

    const settled = this.#acknowledge(writes, { type: 'ack', outcomes, rejects, sourceBytes, valueBytes, sent });
    this.#underWay.add(settled);
    settled.finally(() => this.#underWay.delete(settled));
  }

  /** Resolves when every chunk that was carried is acknowledged. */
  async end(): Promise<Statistics> {
    await Promise.all(this.#underWay);
    this.writer.close();
    return this.#statistics;
  }

  #count(outcome: Outcome | null, nowMs: number): void {
    const { name, facts, reader, valueLength, expiryMs } = this.#journey;
    if (name.kind === null) return;
    const shape = this.#statistics.parsed(name.layout, name.kind, facts, reader.length, reader.mtimeMs);
    if (outcome === null) this.#statistics.moves(shape, valueLength, expiryMs - nowMs);
    else if (outcome === 'expired' && losesCart(facts, reader.mtimeMs, this.settings.policy, nowMs)) {
      this.#statistics.lostCarts++;
    }
  }

  /** Resolves to the error that kept some of the batch from being settled, or null. */
  async #send(batch: WriteBatch, outcomes: Uint8Array): Promise<unknown> {
    const failure = await this.writer.settle(batch).then(
      () => null,
      (error: unknown) => error,
    );
    for (let i = 0; i < batch.count; i++) outcomes[batch.entry[i] as number] = batch.outcome[i] as number;
    this.#free(batch);
    return failure;
  }

  async #acknowledge(writes: Promise<unknown>[], ack: Ack): Promise<void> {
    // The failure goes first: whoever gets the ack must know already why entries in it are open.
    for (const failure of await Promise.all(writes)) if (failure !== null) reportFailure(failure);
    send(ack, [ack.outcomes.buffer]);
  }

  #free(batch: WriteBatch): void {
    batch.clear();
    this.#freeBatches.push(batch);
    this.#batchFreed?.();
  }

  async #nextBatch(): Promise<WriteBatch> {
    for (;;) {
      const batch = this.#freeBatches.pop();
      if (batch !== undefined) return batch;
      await new Promise<void>((resolve) => {
        this.#batchFreed = resolve;
      });
    }
  }
}

function send(message: FromLane, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function reportFailure(error: unknown): void {
  if (!(error instanceof OperatorError)) throw error;
  send({ type: 'failure', exitCode: error.exitCode, message: error.message });
}

async function main(settings: LaneSettings): Promise<void> {
  // Redis and Odoo may share this machine: where processors are scarce they go first. On Linux 0 is this thread alone
  // (setpriority(2), "C library/kernel differences").
  setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  // An exception per vanished or broken file needs no stack.
  Error.stackTraceLimit = 0;
  const { target, conflict } = settings;
  let writer: SessionWriter = dryRunWriter;
  if (target !== null) writer = new RedisWriter(await Wire.connect(target), conflict);

  const lane = new Lane(settings, writer);
  let carrying = Promise.resolve();
  parentPort?.on('message', (message: ToLane) => {
    carrying = carrying.then(async () => {
      if (message.type === 'chunk') return lane.carry(message.chunk);
      send({ type: 'bye', statistics: await lane.end() });
      parentPort?.close();
    });
  });
  send({ type: 'ready' });
}

main(workerData as LaneSettings).catch(reportFailure);
