import { workerData } from 'node:worker_threads';
import { newStoreName } from '../applications/application.js';
import { Statistics } from '../counts/statistics.js';
import { type Ack, noDeletes } from '../counts/tally.js';
import type { OperatorError } from '../errors.js';
import { isSampled } from '../intake/settings.js';
import { FileIntake } from '../intake/take-file.js';
import { endsSession } from '../lane/recorded-batch.js';
import { type Carrier, failureOf, InFlight, serve } from '../lane/serve.js';
import type { Endpoint } from '../redis/endpoint.js';
import { KeyReader } from '../redis/reader.js';
import { codeOf, UNSETTLED } from '../session.js';
import { type Chunk, ChunkCursor } from '../source/chunk.js';
import { realFileSystem } from '../system/file-system.js';
import { Comparison } from './comparison.js';
import { ExpectedBatch } from './expected-batch.js';
import { KeysWithoutFiles } from './keys-without-files.js';
import { type OwnVersions, RecordedVersions } from './own-versions.js';
import { KEYS, type VerifySettings } from './sample.js';

const NOT_SAMPLED = codeOf('not-sampled');

/**
 * A lane of verify: takes files as far as a moving lane does, and asks the target for what that one would write. Chunks
 * of source {@link KEYS} hold the session ids of keys instead, each to be looked for on disk.
 */
class VerifyLane implements Carrier<null> {
  readonly #intake: FileIntake;
  readonly #comparison: Comparison;
  readonly #keys: KeysWithoutFiles;
  readonly #name = newStoreName();
  readonly #inFlight = new InFlight(() => new ExpectedBatch());

  constructor(
    readonly settings: VerifySettings,
    readonly reader: KeyReader,
    readonly own: OwnVersions | null,
  ) {
    this.#intake = new FileIntake(realFileSystem, settings);
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

    this.#inFlight.acknowledge(questions, () => ack);
  }

  /** Nothing is needed beforehand. */
  async prepare(): Promise<null> {
    return null;
  }

  interrupt(error: OperatorError): void {
    this.reader.interrupt(error);
  }

  /** Resolves when every chunk that was carried is acknowledged. */
  async end(): Promise<Statistics> {
    await this.#inFlight.end();
    this.reader.close();
    await this.own?.close();
    return new Statistics(Date.now());
  }

  async #readFiles(chunk: Chunk, ack: Ack, questions: Promise<unknown>[]): Promise<void> {
    const nowMs = Date.now();
    const intake = this.#intake;
    let batch = await this.#inFlight.batch();
    const entries = new ChunkCursor(chunk);
    for (let entry = 0; entries.next(); entry++) {
      const { path } = entries;
      if (entries.mayBeFile && this.#isPassedOver(path)) {
        ack.outcomes[entry] = NOT_SAMPLED;
        continue;
      }
      const outcome = intake.take(chunk.source, path, entries.mayBeFile, nowMs);
      ack.sourceBytes += intake.reader.length;
      if (outcome === null) {
        batch.add(entry, path, intake, nowMs);
        ack.valueBytes += intake.valueLength;
      } else if (endsSession(outcome)) {
        const note = intake.isTold(outcome) ? intake.note(chunk.source, path, outcome) : null;
        batch.addOver(entry, path, intake.name.sid, codeOf(outcome), note);
      } else {
        const code = codeOf(outcome);
        ack.outcomes[entry] = code;
        if (intake.isTold(outcome)) ack.rejects.push(intake.note(chunk.source, path, outcome));
      }
      if (batch.isFull) {
        questions.push(this.#ask(chunk.source, batch, ack));
        batch = await this.#inFlight.batch();
      }
    }
    questions.push(this.#ask(chunk.source, batch, ack));
  }

  #isPassedOver(path: string): boolean {
    const { sample } = this.settings;
    if (sample === null) return false;
    const { verdict, sid } = this.#intake.application.recognise(path, this.#name);
    return verdict === 'session' && !isSampled(sid, sample);
  }

  /** Resolves to the error that kept some of the batch from being settled, or null. */
  async #ask(source: number, batch: ExpectedBatch, ack: Ack): Promise<unknown> {
    ack.sent += batch.count;
    const failure = await failureOf(this.#comparison.settle(source, batch, ack.outcomes, ack.rejects));
    batch.clear();
    this.#inFlight.free(batch);
    return failure;
  }
}

serve(async () => {
  const settings = workerData as VerifySettings;
  const reader = new KeyReader(settings.target as Endpoint, settings.giveUpAfterMs, settings.ownership.hash);
  const own = settings.ledger === null ? null : await RecordedVersions.open(settings.ledger);
  return new VerifyLane(settings, reader, own);
});
