import type { KeyTemplate } from '../applications/application.js';
import type { TemplatedApplication } from '../applications/templated.js';
import { isOfShard, type Shard } from '../intake/settings.js';
import type { RejectNote } from '../intake/take-file.js';
import { escapeBytes, fingerprintOf } from '../masking.js';
import { ByteSink, SinkFull } from '../python/sink.js';
import type { StoredKey } from '../redis/reader.js';
import type { Outcome } from '../session.js';
import type { FileOfKey, SaveTime } from './make-file.js';

/** What decides about the keys of an application that a template describes. */
export interface TemplatedExport {
  key: KeyTemplate;
  maxValueBytes: number;
  shard: Shard | null;
}

/** Makes the files of an application that a template describes: the value without what the reader has around it. */
export class TemplatedFileMaker implements FileOfKey {
  sid = '';
  file: Buffer = Buffer.alloc(0);
  saved: SaveTime = { ms: 0, certainty: 'exact', slackMs: 0 };
  reason = '';
  #offset = -1;
  readonly #sink: ByteSink;

  constructor(
    readonly application: TemplatedApplication,
    readonly settings: TemplatedExport,
  ) {
    this.#sink = new ByteSink(16 * 1024, settings.maxValueBytes);
  }

  name(key: string): Outcome | null {
    const { application } = this;
    const { key: template, shard } = this.settings;
    this.sid = key.slice(template.before.length, key.length - template.after.length);
    const isOurs = key.startsWith(template.before) && key.endsWith(template.after);
    if (!isOurs || application.isLock(key) || !application.isSid(this.sid)) return 'foreign';
    return shard !== null && !isOfShard(this.sid, shard) ? 'other-shard' : null;
  }

  take(held: StoredKey, nowMs: number): Outcome | null {
    const { value, isOtherType, expiryMs, slackMs } = held;
    const { application } = this;
    this.#offset = -1;
    if (isOtherType) return 'foreign';
    if (value === null) return 'vanished';
    if (value.length === 0) return 'empty';
    if (value.length > this.settings.maxValueBytes) return this.#reject('too-large', 'larger than --max-file-size');
    try {
      const fault = this.#decode(value);
      if (fault !== '') return this.#reject('malformed', fault);
    } catch (error) {
      if (!(error instanceof SinkFull)) throw error;
      return this.#reject('too-large', 'the file would be larger than --max-file-size');
    }
    application.inspect(this.file, 0, this.file.length);
    const { verdict, reason, offset } = application.content;
    if (verdict !== 'whole') {
      this.#offset = offset;
      return verdict === 'empty' ? 'empty' : this.#reject(verdict === 'unsupported' ? verdict : 'malformed', reason);
    }
    this.saved = this.#savedAt(expiryMs, slackMs, nowMs);
    const plan = application.plan(this.saved.ms, nowMs);
    if (typeof plan === 'string') return plan;
    return expiryMs <= nowMs ? 'expired' : null;
  }

  note(key: string, outcome: Outcome): RejectNote {
    const { reason, sid } = this;
    const path = this.application.mask(escapeBytes(key), sid);
    return { source: 0, path, fingerprint: fingerprintOf(sid), outcome, reason, offset: this.#offset };
  }

  /** Makes the file; returns why there can be none. */
  #decode(value: Buffer): string {
    const { fields, ownField, isVerbatim } = this.application.reader;
    if (isVerbatim) {
      this.file = value;
      return '';
    }
    this.#sink.length = 0;
    const parts = fields === null ? [value] : fields.map((_, i) => (i === ownField ? value : null));
    const fault = this.application.decode(parts, this.#sink);
    this.file = this.#sink.view();
    return fault;
  }

  /** The moment of the save with which the file ends when its key does. */
  #savedAt(expiryMs: number, slackMs: number, nowMs: number): SaveTime {
    if (expiryMs === Number.POSITIVE_INFINITY) return { ms: nowMs, certainty: 'unknown', slackMs };
    const ms = this.application.mtimeMsFor(expiryMs);
    if (Number.isNaN(ms)) return { ms: nowMs, certainty: 'in the content', slackMs };
    return ms > nowMs
      ? { ms: nowMs, certainty: 'capped', slackMs }
      : { ms: Math.max(0, ms), certainty: 'exact', slackMs };
  }

  #reject(outcome: Outcome, reason: string): Outcome {
    this.reason = reason;
    return outcome;
  }
}
