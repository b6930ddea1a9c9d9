import { encodeValue } from '../applications/odoo/encode-value.js';
import { misplacement, parseName, pathOf, type SessionName } from '../applications/odoo/layout.js';
import { pickleProtocolOf, SessionParser } from '../applications/odoo/parse.js';
import { planSession } from '../applications/odoo/plan.js';
import { MalformedSession, UnsupportedSession } from '../errors.js';
import { escapeBytes, fingerprintOf, maskSid } from '../masking.js';
import { ByteSink, mostEncoded, SinkFull } from '../python/sink.js';
import { codeOf, newFacts, OUTCOMES, type Outcome, resetFacts } from '../session.js';
import { SessionReader } from '../source/read.js';
import { StoreRoot } from '../source/store-root.js';
import type { FileSystem } from '../system/file-system.js';
import { isOfShard, type LaneSettings } from './settings.js';

/**
 * Knows which flat session files lie in the shadow of a hashed one. Odoo 16 and later look at `<sid[:2]>/<sid>` first
 * and never at the flat file of the same id then (odoo/http.py, FilesystemSessionStore.get), so its login may be long
 * over.
 */
export class HashedTwins {
  /** Whether a shard is there, by its name: a store without shards costs no system call per file. */
  readonly #shards = new Map<string, boolean>();

  constructor(
    readonly fileSystem: FileSystem,
    readonly root: string,
  ) {}

  /** Whether a hashed file of the same id lies beside the flat one. */
  has(sid: string): boolean {
    const shard = sid.slice(0, 2);
    let isThere = this.#shards.get(shard);
    if (isThere === undefined) {
      isThere = this.#exists(shard);
      this.#shards.set(shard, isThere);
    }
    return isThere && this.#exists(pathOf(sid, 'hashed'));
  }

  #exists(path: string): boolean {
    return this.fileSystem.lstatSync(`${this.root}/${path}`, { throwIfNoEntry: false }) !== undefined;
  }
}

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
  readonly facts = newFacts();
  readonly name: SessionName = { kind: null, sid: '', layout: 'flat', isTempFile: false };
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
  readonly #twins: readonly HashedTwins[];
  readonly #roots: readonly StoreRoot[];
  readonly #parser = new SessionParser();
  readonly #sink: ByteSink;

  /** @param clock epoch milliseconds */
  constructor(
    fileSystem: FileSystem,
    readonly settings: LaneSettings,
    readonly clock: () => number = Date.now,
  ) {
    this.#fileSystem = fileSystem;
    this.#twins = settings.sources.map((root) => new HashedTwins(fileSystem, root));
    this.#roots = settings.sources.map((root) => new StoreRoot(fileSystem, root));
    this.reader = new SessionReader(fileSystem, settings.maxFileBytes);
    this.#sink = new ByteSink(16 * 1024, mostEncoded(settings.maxFileBytes, settings.maxFileBytes));
  }

  /**
   * Returns null when `value` is to be written with `expiryMs`, else the outcome at which the journey ended.
   * @param nowMs when the chunk began; for a file that was saved since, the clock is read again
   */
  take(source: number, path: string, mayBeFile: boolean, nowMs: number): Outcome | null {
    const { settings, name, reader, facts } = this;
    parseName(path, name);
    reader.forget();
    this.valueLength = 0;
    if (!mayBeFile) return this.#foreign(source, path, false);
    if (name.kind === null) return name.isTempFile ? 'temp-file' : this.#foreign(source, path, true);
    if (settings.shard !== null && !isOfShard(name.sid, settings.shard)) return 'other-shard';
    if (!settings.sids.includes(name.kind)) return 'dead';
    try {
      if (name.layout === 'flat' && this.#twins[source]?.has(name.sid)) return 'dead';
    } catch (error) {
      // A login that is long over, or not: what can't be looked at is not decided.
      reader.failed(error);
      return this.#explainFailure('unreadable');
    }
    const failure = reader.read(`${settings.sources[source]}/${path}`, this.#roots[source]);
    if (failure === 'foreign') return this.#foreign(source, path, false);
    if (failure !== null) return this.#explainFailure(failure);

    resetFacts(facts);
    try {
      const root = this.#parser.parse(reader.buffer, reader.length, facts);
      const planMs = reader.mtimeMs > nowMs ? Math.max(nowMs, this.clock()) : nowMs;
      const plan = planSession(facts, reader.mtimeMs, settings.policy, planMs);
      if (typeof plan === 'string') return plan;
      this.expiryMs = plan;
      const payload = reader.buffer.subarray(0, reader.length);
      const protocol = facts.format === 'pickle' ? pickleProtocolOf(payload) : -1;
      this.#sink.length = 0;
      this.#sink.maxBytes = mostEncoded(reader.length, settings.maxFileBytes);
      if (encodeValue(settings.reader, payload, protocol, root, this.#sink)) {
        this.value = this.#sink.buffer;
        this.valueLength = this.#sink.length;
      } else {
        this.value = reader.buffer;
        this.valueLength = reader.length;
      }
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
    return outcome === 'foreign' ? this.reason !== '' : OUTCOMES[codeOf(outcome)]?.[1] === 'reject';
  }

  /** The note on the entry seen last. */
  note(source: number, path: string, outcome: Outcome): RejectNote {
    const { reason, offset, name } = this;
    const member = outcome === 'unsupported' && this.member !== '' ? { member: this.member } : null;
    const fingerprint = name.kind === null ? '' : fingerprintOf(name.sid);
    return { source, path: maskSid(escapeBytes(path)), fingerprint, outcome, reason, ...member, offset };
  }

  #foreign(source: number, path: string, mayBeFile: boolean): Outcome {
    const root = this.settings.sources[source] as string;
    this.reason = misplacement(this.#fileSystem, root, path, mayBeFile, this.name);
    this.offset = -1;
    return 'foreign';
  }

  #explainFailure(outcome: Outcome): Outcome {
    this.offset = -1;
    if (outcome === 'too-large') this.reason = `larger than ${this.settings.maxFileBytes} bytes`;
    else if (outcome === 'unreadable') this.reason = this.reader.explanation;
    return outcome;
  }

  #reject(error: unknown): Outcome {
    if (error instanceof MalformedSession || error instanceof UnsupportedSession) {
      this.reason = error.reason;
      this.offset = error.offset;
      this.member = error instanceof UnsupportedSession ? error.member : '';
      return error instanceof MalformedSession ? 'malformed' : 'unsupported';
    }
    if (error instanceof SinkFull) {
      this.reason = `the value would be larger than ${this.#sink.maxBytes} bytes`;
      this.offset = -1;
      return 'too-large';
    }
    throw error;
  }
}
