import { ByteSink, mostEncoded, SinkFull } from '../byte-sink.js';
import { MalformedSession, UnsupportedSession } from '../errors.js';
import { escapeBytes, fingerprintOf, maskSid } from '../fingerprint.js';
import type { RejectNote } from '../lane/journey.js';
import type { Shard } from '../lane/settings.js';
import { isOfShard } from '../lane/shard.js';
import { SessionParser } from '../parse/parse.js';
import { type Policy, planSession } from '../plan/plan.js';
import type { KeyTemplate, ValueEncoding } from '../profiles/profile.js';
import { newFacts, type Outcome, resetFacts } from '../session.js';
import { kindOfSid } from '../source/layout.js';
import type { StoredKey } from '../target/held.js';
import { encodeFile } from './encode-file.js';
import type { FileFormat } from './file-format.js';
import { type SaveTime, saveTimeOf } from './save-time.js';

/** Everything that decides what becomes of a key. */
export interface ExportSettings {
  key: KeyTemplate;
  encoding: ValueEncoding;
  file: FileFormat;
  policy: Policy;
  maxValueBytes: number;
  shard: Shard | null;
}

/**
 * Takes one key after another from its name to the file to write: name, value, parse, plan, encode. The fields describe
 * the key seen last, and are reused for the next.
 */
export class FileMaker {
  sid = '';
  /** The file's bytes, valid until the next `take`. */
  file: Buffer = Buffer.alloc(0);
  saved: SaveTime = { ms: 0, certainty: 'exact', slackMs: 0 };
  /** Why the key was rejected, and the byte of its value at which reading stopped; -1 where none can be named. */
  reason = '';
  offset = -1;

  readonly #facts = newFacts();
  readonly #parser = new SessionParser();
  readonly #sink: ByteSink;

  constructor(readonly settings: ExportSettings) {
    this.#sink = new ByteSink(16 * 1024, mostEncoded(settings.maxValueBytes, settings.maxValueBytes));
  }

  /** Reads the sid out of the key: null when its value is wanted, else the outcome that the name alone decides. */
  name(key: string): Outcome | null {
    const { key: template, file, shard } = this.settings;
    this.sid = key.slice(template.before.length, key.length - template.after.length);
    const kind = kindOfSid(this.sid);
    if (kind === null || !key.startsWith(template.before) || !key.endsWith(template.after)) return 'foreign';
    if (shard !== null && !isOfShard(this.sid, shard)) return 'other-shard';
    return file.sids.includes(kind) ? null : 'dead';
  }

  /** Returns null when `file` is to be written as saved at `saved`, else the outcome at which the journey ended. */
  take(held: StoredKey, nowMs: number): Outcome | null {
    const { value, isOtherType, expiryMs } = held;
    const { encoding, file, policy, maxValueBytes } = this.settings;
    if (isOtherType) return 'foreign';
    if (value === null) return 'vanished';
    if (value.length === 0) return 'empty';
    this.offset = -1;
    if (value.length > maxValueBytes) {
      this.reason = `larger than ${maxValueBytes} bytes`;
      return 'too-large';
    }
    const facts = resetFacts(this.#facts);
    try {
      const root = this.#parser.parse(value, value.length, facts);
      refuseOtherFormat(encoding, facts.format);
      this.saved = saveTimeOf(facts, held, policy, nowMs);
      const plan = planSession(facts, this.saved.ms, policy, nowMs);
      if (typeof plan === 'string') return plan;
      if (expiryMs <= nowMs) return 'expired';
      this.#sink.length = 0;
      this.#sink.maxBytes = mostEncoded(value.length, maxValueBytes);
      this.file = encodeFile(file, encoding, value, root, this.#sink) ? this.#sink.view() : value;
      return null;
    } catch (error) {
      return this.#reject(error);
    }
  }

  /** The reject of the key seen last. */
  note(key: string, outcome: Outcome): RejectNote {
    const { reason, offset, sid } = this;
    const path = maskSid(escapeBytes(key));
    return { source: 0, path, fingerprint: fingerprintOf(sid), outcome, reason, offset };
  }

  #reject(error: unknown): Outcome {
    if (error instanceof MalformedSession || error instanceof UnsupportedSession) {
      this.reason = error.reason;
      this.offset = error.offset;
      return error instanceof MalformedSession ? 'malformed' : 'unsupported';
    }
    if (!(error instanceof SinkFull)) throw error;
    this.reason = `the file would be larger than ${this.#sink.maxBytes} bytes`;
    return 'too-large';
  }
}

/** What a reader can't decode is no login to it, and must not become one in a file. */
function refuseOtherFormat(encoding: ValueEncoding, format: 'json' | 'pickle'): void {
  if (encoding === 'verbatim' || encoding.endsWith(format)) return;
  throw new MalformedSession(`the value is ${format}, which this reader cannot decode`, 0);
}
