import { ByteSink } from '../python/sink.js';
import type { Application, StoredValues, ValueRelation, ValueState } from './application.js';

/** Room for one session out of Redis. */
const MOST_BYTES = 2 ** 29;

/** What of an application makes files of values and reads them. */
export interface FileOfValue extends Pick<Application, 'content' | 'facts' | 'inspect' | 'lifetimesMs' | 'reader'> {
  readonly saysOwnEnd: boolean;
  /** Why no file can be made of a value again; empty where one can. */
  readonly noFile: string;
  /** Whether the value decoded last is none that this program reads, and may be one that the reader does. */
  readonly isBeyond: boolean;
  /**
   * Appends the file's bytes for a value.
   * @param fields the bytes of the string, or of each of `reader.fields`, null for one that is absent
   * @returns an empty text, or why there is no such file
   */
  decode(fields: readonly (Uint8Array | null)[], file: ByteSink): string;
}

/**
 * Values of the reader of a template: the file's bytes in the form that the template gives them, so what is made of a
 * value is what is made of the file. Of a hash it is the field that tells whether it is still ours.
 */
export class TemplatedValues implements StoredValues {
  readonly hasOwnLifetime: boolean;
  readonly mayBeCutShort = false;
  readonly #sink = new ByteSink(4096, MOST_BYTES);
  #reason = '';

  /** @param application of its own: its content is that of the value read last */
  constructor(readonly application: FileOfValue) {
    this.hasOwnLifetime = application.saysOwnEnd;
  }

  get isLogin(): boolean {
    return this.application.facts.isAuthenticated;
  }

  get isInScope(): boolean {
    return true;
  }

  get lifetimeMs(): number {
    return this.application.lifetimesMs[0] ?? Number.NaN;
  }

  read(value: Buffer): ValueState {
    this.#reason = this.application.noFile;
    if (this.#reason !== '') return 'unknown';
    const file = this.#fileOf(value);
    if (file === null) return this.application.isBeyond ? 'unknown' : 'broken';
    const { application } = this;
    application.inspect(file, 0, file.length);
    const { verdict, reason } = application.content;
    if (verdict === 'whole') return 'read';
    this.#reason = verdict === 'empty' ? 'it is empty' : reason;
    return verdict === 'unsupported' ? 'unknown' : 'broken';
  }

  compare(fromFile: Buffer, inRedis: Buffer): readonly [ValueRelation, string] {
    const state = this.read(inRedis);
    if (state === 'broken') return ['broken', `the reader cannot read it: ${this.#reason}`];
    if (state === 'unknown') return ['other', `cannot be compared: ${this.#reason}`];
    const held = Buffer.from(this.#fileOf(inRedis) as Buffer);
    return this.#fileOf(fromFile)?.equals(held) === true ? ['same', ''] : ['other', 'has another content'];
  }

  /** The file's bytes, until the next call; null where the value is in no form of the template. */
  #fileOf(value: Buffer): Buffer | null {
    const { application } = this;
    const { fields, ownField, isVerbatim } = application.reader;
    if (isVerbatim) return value;
    const parts = fields === null ? [value] : fields.map((_, i) => (i === ownField ? value : null));
    this.#sink.length = 0;
    this.#reason = application.decode(parts, this.#sink);
    return this.#reason === '' ? this.#sink.view() : null;
  }
}
