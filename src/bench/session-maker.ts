import type { Application } from '../applications/application.js';
import { type ApplicationSettings, applicationOf } from '../applications/application-of.js';
import { type GeneratorSettings, generatorOf } from '../applications/generator-of.js';
import { randomFor } from '../applications/seeded-random.js';
import type { SessionGenerator } from '../applications/session-generator.js';
import { ByteSink } from '../python/sink.js';
import { hashBytes, type Quantum, sessionBytes } from '../redis/memory-model.js';

const MAX_BYTES = 2 ** 22;
/** Sessions were saved minutes ago: none of them dies while the benchmark runs, whatever the reader's lifetimes are. */
const OLDEST_SECONDS = 600;

/** Which sessions are made, and for which reader. Crosses threads. */
export interface Recipe {
  generator: GeneratorSettings;
  application: ApplicationSettings;
}

/**
 * Makes the n-th session of a benchmark, always the same for the same recipe, as a file and as the value that a reader
 * finds in Redis. Its fields describe the session made last, and are reused for the next.
 */
export class SessionMaker {
  savedSeconds = 0;
  readonly application: Application;
  readonly generator: SessionGenerator;
  readonly #encoded = { sink: new ByteSink(4096, MAX_BYTES), ends: [] as number[] };
  #isFileValue = true;

  /** @param nowMs when the youngest session was saved */
  constructor(
    readonly recipe: Recipe,
    readonly nowMs: number,
  ) {
    this.application = applicationOf(recipe.application);
    this.generator = generatorOf(recipe.generator);
  }

  get sid(): string {
    return this.generator.sid;
  }

  /** Below the session directory. */
  get path(): string {
    return this.generator.path;
  }

  /** The bytes of the file, until the next session is made. */
  get file(): Buffer {
    return this.generator.file;
  }

  /** The bytes of the value, of a hash those of the field with the session, until the next session is made. */
  get value(): Buffer {
    if (this.#isFileValue) return this.file;
    const { sink, ends } = this.#encoded;
    const { hash, ownField: field } = this.application.reader;
    return hash === null ? sink.view() : sink.buffer.subarray(field === 0 ? 0 : ends[field - 1], ends[field]);
  }

  /** What the model says that the key of the session made last takes. */
  memoryBytes(keyBytes: number, quantum: Quantum): number {
    const { hash } = this.application.reader;
    const { length } = this.value;
    return hash === null ? sessionBytes(keyBytes, length, quantum) : hashBytes(keyBytes, hash, length, quantum);
  }

  /** Only id and path. */
  name(index: number): void {
    this.generator.name(index);
  }

  make(index: number): void {
    const { application, generator, recipe, nowMs } = this;
    const random = randomFor(recipe.generator.seed, index);
    this.savedSeconds = Math.floor(nowMs / 1000) - Math.floor(random() * OLDEST_SECONDS);
    generator.make(index, this.savedSeconds * 1000, random);
    const { file } = generator;
    application.inspect(file, 0, file.length);
    this.#encoded.sink.length = 0;
    this.#isFileValue = application.reader.isVerbatim || !application.encode(this.#encoded);
  }
}
