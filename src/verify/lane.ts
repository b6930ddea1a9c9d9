import { parentPort, workerData } from 'node:worker_threads';
import { Statistics } from '../counts/statistics.js';
import { type Ack, noDeletes } from '../counts/tally.js';
import { OperatorError } from '../errors.js';
import { isSampled } from '../intake/settings.js';
import { FileIntake } from '../intake/take-file.js';
import type { FromLane, ToLane } from '../lane/messages.js';
import { endsSession } from '../lane/recorded-batch.js';
import type { Endpoint } from '../redis/endpoint.js';
import { KeyReader } from '../redis/reader.js';
import { codeOf, UNSETTLED } from '../session.js';
import { type Chunk, ChunkCursor } from '../source/chunk.js';
import { realFileSystem } from '../source/file-system.js';
import { parseName, type SessionName } from '../source/layout.js';
import { explained } from '../system/errno.js';
import { letOthersGoFirst } from '../system/process.js';
import { Comparison } from './comparison.js';
import { ExpectedBatch } from './expected-batch.js';
import { KeysWithoutFiles } from './keys-without-files.js';
import { type OwnVersions, RecordedVersions } from './own-versions.js';
import { KEYS, type VerifySettings } from './sample.js';

/** Questions that one lane keeps under way: while Redis answers some, the next files are read. */
const BATCHES_IN_FLIGHT = 3;

const NOT_SAMPLED = codeOf('not-sampled');

/**
 * A lane of verify: takes files as far as a moving lane does, and asks the target for what that one would write. Chunks
 * of source {@link KEYS} hold the session ids of keys instead, each to be looked for on disk.
 */
class VerifyLane {
  readonly #journey: FileIntake;
  readonly #comparison: Comparison;
  readonly #keys: KeysWithoutFiles;
  readonly #name: SessionName = { kind: null, sid: '', layout: 'flat', isTempFile: false };
  readonly #freeBatches = Array.from({ length: BATCHES_IN_FLIGHT }, () => new ExpectedBatch());
  #batchFreed: (() => void) | null = null;
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    readonly settings: VerifySettings,
    readonly reader: KeyReader,
    readonly own: OwnVersions | null,
  ) {
    this.#journey = new FileIntake(realFileSystem, settings);
    this.#comparison = new Comparison(settings, reader, own);
    this.#keys = new KeysWithoutFiles(settings, realFileSystem, reader, own);
  }

  /** Takes the whole chunk, and acknowledges it when the last answer is in. */
  async carry(chunk: Chunk): Promise<void> {
    const outcomes = new Uint8Array(chunk.count).fill(UNSETTLED);
    const counts = { sourceBytes: 0, valueBytes: 0, sent: 0, withheld: 0 };
    const unrecorded = { deletes: noDeletes(), seen: new Uint32Array(0) };
    const ack: Ack = { type: 'ack', source: chunk.source, outcomes, rejects: [], ...counts, ...unrecorded };
    const questions: Promise<unknown>[] = [];
    if (chunk.source === KEYS) questions.push(failureOf(this.#keys.settle(chunk, outcomes, ack.rejects)));
    else await this.#readFiles(chunk, ack, questions);

    const settled = this.#acknowledge(questions, ack);
    this.#underWay.add(settled);
    settled.finally(() => this.#underWay.delete(settled));
  }

  /** Resolves when every chunk that was carried is acknowledged. */
  async end(): Promise<Statistics> {
    await Promise.all(this.#underWay);
    this.reader.close();
    await this.own?.close();
    return new Statistics(Date.now());
  }

  async #readFiles(chunk: Chunk, ack: Ack, questions: Promise<unknown>[]): Promise<void> {
    const nowMs = Date.now();
    const journey = this.#journey;
    let batch = await this.#nextBatch();
    const entries = new ChunkCursor(chunk);
    for (let entry = 0; entries.next(); entry++) {
      const { path } = entries;
      if (entries.mayBeFile && this.#isPassedOver(path)) {
        ack.outcomes[entry] = NOT_SAMPLED;
        continue;
      }
      const outcome = journey.take(chunk.source, path, entries.mayBeFile, nowMs);
      ack.sourceBytes += journey.reader.length;
      if (outcome === null) {
        batch.add(entry, path, journey, nowMs);
        ack.valueBytes += journey.valueLength;
      } else if (endsSession(outcome)) {
        const note = journey.isTold(outcome) ? journey.note(chunk.source, path, outcome) : null;
        batch.addOver(entry, path, journey.name.sid, codeOf(outcome), note);
      } else {
        const code = codeOf(outcome);
        ack.outcomes[entry] = code;
        if (journey.isTold(outcome)) ack.rejects.push(journey.note(chunk.source, path, outcome));
      }
      if (batch.isFull) {
        questions.push(this.#ask(chunk.source, batch, ack));
        batch = await this.#nextBatch();
      }
    }
    questions.push(this.#ask(chunk.source, batch, ack));
  }

  #isPassedOver(path: string): boolean {
    const { sample } = this.settings;
    if (sample === null) return false;
    const { kind, sid } = parseName(path, this.#name);
    return kind !== null && !isSampled(sid, sample);
  }

  /** Resolves to the error that kept some of the batch from being settled, or null. */
  async #ask(source: number, batch: ExpectedBatch, ack: Ack): Promise<unknown> {
    ack.sent += batch.count;
    const failure = await failureOf(this.#comparison.settle(source, batch, ack.outcomes, ack.rejects));
    batch.clear();
    this.#freeBatches.push(batch);
    this.#batchFreed?.();
    return failure;
  }

  async #acknowledge(questions: Promise<unknown>[], ack: Ack): Promise<void> {
    // The failure goes first: whoever gets the ack must know already why entries in it are open.
    for (const failure of await Promise.all(questions)) if (failure !== null) reportFailure(failure);
    send(ack, [ack.outcomes.buffer]);
  }

  async #nextBatch(): Promise<ExpectedBatch> {
    for (;;) {
      const batch = this.#freeBatches.pop();
      if (batch !== undefined) return batch;
      await new Promise<void>((resolve) => {
        this.#batchFreed = resolve;
      });
    }
  }
}

/** Resolves to what went wrong, or null. */
function failureOf(work: Promise<void>): Promise<unknown> {
  return work.then(
    () => null,
    (error: unknown) => error,
  );
}

function send(message: FromLane, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function reportFailure(error: unknown): void {
  const failure = explained(error);
  if (!(failure instanceof OperatorError)) throw error;
  send({ type: 'failure', exitCode: failure.exitCode, message: failure.message });
}

async function main(settings: VerifySettings): Promise<void> {
  letOthersGoFirst();
  // An exception per vanished or broken file needs no stack.
  Error.stackTraceLimit = 0;
  const reader = new KeyReader(settings.target as Endpoint, settings.giveUpAfterMs);
  const own = settings.ledger === null ? null : await RecordedVersions.open(settings.ledger);
  const lane = new VerifyLane(settings, reader, own);
  let carrying = Promise.resolve();
  parentPort?.on('message', (message: ToLane) => {
    if (message.type === 'give-up') {
      reader.interrupt(new OperatorError(message.exitCode, message.message));
      return;
    }
    carrying = carrying.then(async () => {
      if (message.type === 'chunk') return lane.carry(message.chunk);
      send({ type: 'bye', statistics: await lane.end() });
      parentPort?.close();
    });
  });
  send({ type: 'ready' });
}

main(workerData as VerifySettings).catch(reportFailure);
