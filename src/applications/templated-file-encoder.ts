import { ByteSink } from '../python/sink.js';
import type { Content, Plan } from './application.js';
import type { FileEncoder } from './file-encoder.js';
import type { TemplatedApplication } from './templated.js';

/** Makes the files of an application that a template describes: the value without what the reader has around it. */
export class TemplatedFileEncoder implements FileEncoder {
  readonly title: string;
  readonly release = null;
  /** A name that no application takes for a session, and none of them collects. */
  readonly tempSuffix = '.sess2redis';
  readonly noFile: string;
  readonly #sink: ByteSink;
  #file: Buffer = Buffer.alloc(0);

  constructor(
    readonly application: TemplatedApplication,
    maxFileBytes: number,
  ) {
    this.title = application.name;
    this.noFile = application.reader.showsSid ? application.noFile : 'its keys show no ids, by which files are named';
    this.#sink = new ByteSink(16 * 1024, maxFileBytes);
  }

  acceptsSid(): boolean {
    return true;
  }

  pathOf(sid: string): string {
    return this.application.pathOf(sid);
  }

  otherPathOf(): null {
    return null;
  }

  readsIn(): () => boolean {
    return () => true;
  }

  inspect(value: Buffer): Content {
    const { application } = this;
    const { content } = application;
    const fault = this.#decode(value);
    if (fault !== '') return { ...content, verdict: 'malformed', reason: fault, offset: -1 };
    application.inspect(this.#file, 0, this.#file.length);
    return content;
  }

  savedMsFor(expiryMs: number): number {
    return this.application.mtimeMsFor(expiryMs);
  }

  plan(savedMs: number, nowMs: number): Plan {
    return this.application.plan(savedMs, nowMs);
  }

  encode(): Buffer {
    return this.#file;
  }

  /** Makes the file; returns why there can be none. */
  #decode(value: Buffer): string {
    const { fields, ownField, isVerbatim } = this.application.reader;
    this.#file = value;
    if (isVerbatim) return '';
    this.#sink.length = 0;
    const parts = fields === null ? [value] : fields.map((_, i) => (i === ownField ? value : null));
    const fault = this.application.decode(parts, this.#sink);
    this.#file = this.#sink.view();
    return fault;
  }
}
