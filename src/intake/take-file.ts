import { type Application, isStillTorn, newStoreName, type Shadows } from '../applications/application.js';
import { applicationOf } from '../applications/application-of.js';
import { UnsupportedSession } from '../errors.js';
import { escapeBytes, fingerprintOf } from '../masking.js';
import { ByteSink, mostEncoded, SinkFull } from '../python/sink.js';
import { classOf, type Outcome } from '../session.js';
import { maskedDirectory } from '../source/directories.js';
import { SessionReader } from '../source/read.js';
import { StoreRoot } from '../source/store-root.js';
import type { UnreadableDirectory } from '../source/walk.js';
import type { FileSystem } from '../system/file-system.js';
import { type FileSettings, isOfShard } from './settings.js';

/** Why a file could not be moved, fit to be shown: no sid, no content. */
export interface RejectNote {
  source: number;
  /** Relative to the source, the sid cut short. */
  path: string;
  fingerprint: string;
  outcome: Outcome;
  reason: string;
  /** The member of the session of which the reason tells; absent where it names none. */
  member?: string;
  /** Byte of the file at which reading stopped; -1 where none can be named. */
  offset: number;
}

/**
 * Takes one directory entry after another from its name to the value to write: name, read, parse, plan, encode. One
 * object serves a whole lane; its fields describe the entry that `take` saw last, and are reused for the next.
 */
export class FileIntake {
  readonly application: Application;
  readonly name = newStoreName();
  readonly reader: SessionReader;
  /** The value to write is `value[0, valueLength)`. */
  value: Buffer = Buffer.alloc(0);
  valueLength = 0;
  /** Absolute, epoch milliseconds. */
  expiryMs = 0;
  /** Why the entry was rejected; of a foreign one, why it looks like a session all the same, or empty. */
  reason = '';
  /** Where in the session an unsupported type stands, as far as it is known. */
  member = '';
  offset = -1;

  readonly #fileSystem: FileSystem;
  readonly #shadows: readonly (Shadows | null)[];
  readonly #roots: readonly StoreRoot[];
  readonly #sink: ByteSink;
  readonly #encoded: { sink: ByteSink; ends: number[] };

  /** @param clock epoch milliseconds */
  constructor(
    fileSystem: FileSystem,
    readonly settings: FileSettings,
    readonly clock: () => number = Date.now,
  ) {
    this.#fileSystem = fileSystem;
    this.application = applicationOf(settings.application);
    const { isWrittenInPlace, ownerUid } = this.application.store;
    const owner = settings.ownerUid ?? ownerUid;
    this.reader = new SessionReader(fileSystem, settings.maxFileBytes, isWrittenInPlace, owner);
    this.#shadows = settings.sources.map((root) => this.application.shadowsIn(fileSystem, root));
    this.#roots = settings.sources.map((root) => new StoreRoot(fileSystem, root));
    this.#sink = new ByteSink(16 * 1024, mostEncoded(settings.maxFileBytes, settings.maxFileBytes));
    this.#encoded = { sink: this.#sink, ends: [] };
  }

  /** What the counts of an audit need of the session taken last. */
  get facts(): Application['facts'] {
    return this.application.facts;
  }

  /**
   * Returns null when `value` is to be written with `expiryMs`, else the outcome of the entry.
   * @param nowMs when the chunk began; for a file that was saved since, the clock is read again
   */
  take(source: number, path: string, mayBeFile: boolean, nowMs: number): Outcome | null {
    const { settings, name, reader, application } = this;
    application.recognise(path, name);
    reader.forget();
    this.valueLength = 0;
    if (!mayBeFile) return this.#foreign(source, path, false);
    if (name.verdict !== 'session') return this.#withoutSession(source, path);
    if (settings.shard !== null && !isOfShard(name.sid, settings.shard)) return 'other-shard';
    if (!application.accepts(name)) return 'dead';
    try {
      if (this.#shadows[source]?.hides(name) === true) return 'dead';
    } catch (error) {
      // A login that is long over, or not: what can't be looked at is not decided.
      reader.failed(error);
      return this.#explainFailure('unreadable');
    }
    const failure = reader.read(`${settings.sources[source]}/${path}`, this.#roots[source]);
    if (failure === 'foreign') return this.#foreign(source, path, false);
    if (failure === 'empty') return this.#empty(nowMs);
    if (failure !== null) return this.#explainFailure(failure);

    application.inspect(reader.buffer, 0, reader.length);
    const planMs = reader.mtimeMs > nowMs ? Math.max(nowMs, this.clock()) : nowMs;
    if (application.content.verdict !== 'whole') return this.#notWhole(planMs);
    const plan = application.plan(reader.mtimeMs, planMs);
    if (typeof plan === 'string') return plan;
    this.expiryMs = plan;
    return this.#encode();
  }

  /** Of a hash the field of the session alone goes the further way. */
  #takeField(field: number): null {
    const { ends } = this.#encoded;
    const start = field === 0 ? 0 : (ends[field - 1] as number);
    this.value = this.#sink.buffer.subarray(start, ends[field]);
    this.valueLength = this.value.length;
    return null;
  }

  /** Makes the value; returns an outcome where there can be none. */
  #encode(): Outcome | null {
    const { application, reader, settings } = this;
    const sink = this.#sink;
    sink.length = 0;
    sink.maxBytes = mostEncoded(reader.length, settings.maxFileBytes);
    try {
      const { hash, ownField, isVerbatim } = application.reader;
      const isFile = isVerbatim || !application.encode(this.#encoded);
      if (hash !== null) return this.#takeField(ownField);
      this.value = isFile ? reader.buffer : sink.buffer;
      this.valueLength = isFile ? reader.length : sink.length;
      return null;
    } catch (error) {
      return this.#reject(error);
    }
  }

  /** Takes the weight of the entry seen last, where it ended before it was opened. */
  weigh(source: number, path: string): void {
    this.reader.weigh(this.settings.sources[source] as string, path);
  }

  /**
   * Whether the entry seen last is to be told of: it was rejected, or is a session where its store has no place for it.
   */
  isTold(outcome: Outcome): boolean {
    return outcome === 'foreign' ? this.reason !== '' : classOf(outcome) === 'reject';
  }

  /** The note on the entry seen last. */
  note(source: number, path: string, outcome: Outcome): RejectNote {
    const { reason, offset, name } = this;
    const member = outcome === 'unsupported' && this.member !== '' ? { member: this.member } : null;
    const fingerprint = name.sid === '' ? '' : fingerprintOf(name.sid);
    const shown = this.application.mask(escapeBytes(path), name.sid);
    return { source, path: shown, fingerprint, outcome, reason, ...member, offset };
  }

  #foreign(source: number, path: string, mayBeFile: boolean): Outcome {
    const root = this.settings.sources[source] as string;
    this.reason = this.application.misplacement(this.#fileSystem, root, path, mayBeFile, this.name);
    this.offset = -1;
    return 'foreign';
  }

  /** The outcome of a name that is no session's. */
  #withoutSession(source: number, path: string): Outcome {
    const { verdict, reason } = this.name;
    if (verdict === 'temp-file') return 'temp-file';
    if (verdict === 'foreign') return this.#foreign(source, path, true);
    this.reason = reason;
    this.member = '';
    this.offset = -1;
    return verdict === 'unsupported' ? 'unsupported' : 'foreign';
  }

  /** The outcome of a file that was read, and holds no whole session. */
  #notWhole(nowMs: number): Outcome {
    const { application } = this;
    const { verdict, reason, offset, member } = application.content;
    if (verdict === 'empty') return this.#empty(nowMs);
    if (verdict === 'foreign') {
      this.reason = '';
      return 'foreign';
    }
    this.reason = reason;
    this.offset = offset;
    this.member = member;
    if (verdict === 'unsupported') return 'unsupported';
    return verdict === 'torn' && this.#isStillTorn(nowMs) ? 'torn' : 'malformed';
  }

  /** The outcome of an empty file: a store that writes in place cuts a file before it writes it anew. */
  #empty(nowMs: number): Outcome {
    return this.#isStillTorn(nowMs) ? 'torn' : 'empty';
  }

  #isStillTorn(nowMs: number): boolean {
    const { application, reader, settings } = this;
    return settings.isFrozen !== true && isStillTorn(application.store, reader.mtimeMs, reader.ctimeMs, nowMs);
  }

  #explainFailure(outcome: Outcome): Outcome {
    this.offset = -1;
    if (outcome === 'too-large') this.reason = `larger than ${this.settings.maxFileBytes} bytes`;
    else if (outcome === 'unreadable') this.reason = this.reader.explanation;
    return outcome;
  }

  #reject(error: unknown): Outcome {
    if (error instanceof UnsupportedSession) {
      this.reason = error.reason;
      this.offset = error.offset;
      this.member = error.member;
      return 'unsupported';
    }
    if (error instanceof SinkFull) {
      this.reason = `the value would be larger than ${this.#sink.maxBytes} bytes`;
      this.offset = -1;
      return 'too-large';
    }
    throw error;
  }
}

/** A shard directory that can't be listed counts as one entry: what it holds is not known. */
export function noteOfDirectory({ source, shard, code }: UnreadableDirectory, application: Application): RejectNote {
  const reason = `the system said ${code}: the sessions in this directory were not seen`;
  return {
    source,
    path: `${maskedDirectory(shard, application)}/`,
    fingerprint: '',
    outcome: 'unreadable',
    reason,
    offset: -1,
  };
}
