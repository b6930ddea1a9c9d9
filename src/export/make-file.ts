import type { KeyTemplate } from '../applications/application.js';
import { encodeFile } from '../applications/odoo/encode-file.js';
import type { FileFormat } from '../applications/odoo/file-format.js';
import { kindOfSid } from '../applications/odoo/layout.js';
import { SessionParser } from '../applications/odoo/parse.js';
import { type Lifetimes, lifetimeOf, type Policy, planSession } from '../applications/odoo/plan.js';
import type { ValueEncoding } from '../applications/odoo/profile.js';
import { MalformedSession, UnsupportedSession } from '../errors.js';
import { isOfShard, type Shard } from '../intake/settings.js';
import type { RejectNote } from '../intake/take-file.js';
import { escapeBytes, fingerprintOf, maskSid } from '../masking.js';
import { ByteSink, mostEncoded, SinkFull } from '../python/sink.js';
import type { StoredKey } from '../redis/reader.js';
import { newFacts, type Outcome, resetFacts, type SessionFacts } from '../session.js';

/** Odoo 19 sets `deletion_time` to so much after the save (odoo/http.py, SESSION_DELETION_TIMER). */
const ROTATION_GRACE_MS = 120_000;

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

/**
 * The moment at which a session was saved whose key expires at `expiryMs` (Infinity: never), so that the file lives as
 * long as the key: `expiryOf` of applications/odoo/plan.ts the other way round.
 */
export function saveTimeOf(
  facts: SessionFacts,
  { expiryMs, slackMs }: Pick<StoredKey, 'expiryMs' | 'slackMs'>,
  lifetimes: Lifetimes,
  nowMs: number,
): SaveTime {
  if (expiryMs === Number.POSITIVE_INFINITY) return { ms: nowMs, certainty: 'unknown', slackMs };
  let ms = Math.max(0, expiryMs - lifetimeOf(facts, lifetimes));
  if (expiryMs === Math.floor(facts.deletionTimeSeconds * 1000)) {
    ms = Math.max(ms, Math.min(nowMs, expiryMs - ROTATION_GRACE_MS));
  }
  return ms > nowMs ? { ms: nowMs, certainty: 'capped', slackMs } : { ms, certainty: 'exact', slackMs };
}

/** Takes one key after another from its name to the file to write. Its fields describe the key taken last. */
export interface FileOfKey {
  readonly sid: string;
  /** The file's bytes, valid until the next `take`. */
  readonly file: Buffer;
  readonly saved: SaveTime;
  /** Why there is no file. */
  reason: string;
  /** Reads the sid out of the key: null when its value is wanted, else the outcome that the name alone decides. */
  name(key: string): Outcome | null;
  /** Returns null when `file` is to be written as saved at `saved`, else the outcome of the key. */
  take(held: StoredKey, nowMs: number): Outcome | null;
  /** The reject of the key taken last. */
  note(key: string, outcome: Outcome): RejectNote;
}

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
export class FileMaker implements FileOfKey {
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

  /** Returns null when `file` is to be written as saved at `saved`, else the outcome of the session. */
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
function refuseOtherFormat(encoding: ValueEncoding, format: string): void {
  if (encoding === 'verbatim' || encoding.endsWith(format)) return;
  throw new MalformedSession(`the value is ${format}, which this reader cannot decode`, 0);
}
