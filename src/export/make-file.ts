import type { Application, KeyTemplate } from '../applications/application.js';
import type { FileEncoder } from '../applications/file-encoder.js';
import { MalformedSession, UnsupportedSession } from '../errors.js';
import { isOfShard, type Shard } from '../intake/settings.js';
import type { RejectNote } from '../intake/take-file.js';
import { escapeBytes, fingerprintOf } from '../masking.js';
import { SinkFull } from '../python/sink.js';
import type { StoredKey } from '../redis/reader.js';
import type { Outcome } from '../session.js';

/** How well the moment of a session's last save is known from its key's expiry. */
export type SaveCertainty =
  /** It is known to the millisecond. */
  | 'exact'
  /** By the lifetime it would lie in the future: the session was saved just now, or its lifetime is another one. */
  | 'capped'
  /** The key never expires. */
  | 'unknown'
  /** The session's own content says when it ends, whenever it was saved. */
  | 'in the content';

export interface SaveTime {
  /** Epoch milliseconds, never in the future: what the file's mtime has to be. */
  ms: number;
  certainty: SaveCertainty;
  /** It may be this much earlier, where the server tells no moments (Redis before 7.0). */
  slackMs: number;
}

/** The moment at which a session was saved whose key expires at `expiryMs` (Infinity: never). */
export function saveTimeOf(
  encoder: Pick<FileEncoder, 'savedMsFor'>,
  { expiryMs, slackMs }: Pick<StoredKey, 'expiryMs' | 'slackMs'>,
  nowMs: number,
): SaveTime {
  if (expiryMs === Number.POSITIVE_INFINITY) return { ms: nowMs, certainty: 'unknown', slackMs };
  const ms = encoder.savedMsFor(expiryMs, nowMs);
  if (Number.isNaN(ms)) return { ms: nowMs, certainty: 'in the content', slackMs };
  return ms > nowMs
    ? { ms: nowMs, certainty: 'capped', slackMs }
    : { ms: Math.max(0, ms), certainty: 'exact', slackMs };
}

/** Everything that decides what becomes of a key. */
export interface ExportSettings {
  application: Application;
  encoder: FileEncoder;
  key: KeyTemplate;
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

  constructor(readonly settings: ExportSettings) {}

  /** Reads the sid out of the key: null when its value is wanted, else the outcome that the name alone decides. */
  name(key: string): Outcome | null {
    const { application, encoder, key: template, shard } = this.settings;
    this.sid = key.slice(template.before.length, key.length - template.after.length);
    const isOurs = key.startsWith(template.before) && key.endsWith(template.after);
    if (!isOurs || application.isLock(key) || !application.isSid(this.sid)) return 'foreign';
    if (shard !== null && !isOfShard(this.sid, shard)) return 'other-shard';
    return encoder.acceptsSid(this.sid) ? null : 'dead';
  }

  /** Returns null when `file` is to be written as saved at `saved`, else the outcome of the session. */
  take(held: StoredKey, nowMs: number): Outcome | null {
    const { value, isOtherType, expiryMs } = held;
    const { encoder, maxValueBytes } = this.settings;
    if (isOtherType) return 'foreign';
    if (value === null) return 'vanished';
    if (value.length === 0) return 'empty';
    if (value.length > maxValueBytes) return this.#reject('too-large', `larger than ${maxValueBytes} bytes`);
    try {
      const { verdict, reason, offset } = encoder.inspect(value);
      if (verdict === 'empty') return 'empty';
      if (verdict !== 'whole') return this.#reject(verdict === 'torn' ? 'malformed' : verdict, reason, offset);
      this.saved = saveTimeOf(encoder, held, nowMs);
      const plan = encoder.plan(this.saved.ms, nowMs);
      if (typeof plan === 'string') return plan;
      if (expiryMs <= nowMs) return 'expired';
      this.file = encoder.encode();
      return null;
    } catch (error) {
      if (error instanceof MalformedSession) return this.#reject('malformed', error.reason, error.offset);
      if (error instanceof UnsupportedSession) return this.#reject('unsupported', error.reason, error.offset);
      if (error instanceof SinkFull) return this.#reject('too-large', `the file would have ${error.message}`);
      throw error;
    }
  }

  /** The reject of the key seen last. */
  note(key: string, outcome: Outcome): RejectNote {
    const { reason, offset, sid } = this;
    const path = this.settings.application.mask(escapeBytes(key), sid);
    return { source: 0, path, fingerprint: fingerprintOf(sid), outcome, reason, offset };
  }

  #reject(outcome: Outcome, reason: string, offset = -1): Outcome {
    this.reason = reason;
    this.offset = offset;
    return outcome;
  }
}
