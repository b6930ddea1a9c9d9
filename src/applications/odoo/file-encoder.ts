import { ByteSink, mostEncoded } from '../../python/sink.js';
import type { FileSystem } from '../../system/file-system.js';
import type { Content, Plan, StoreName } from '../application.js';
import type { FileEncoder } from '../file-encoder.js';
import { encodeFile } from './encode-file.js';
import type { FileFormat } from './file-format.js';
import { HashedTwins } from './hashed-twins.js';
import { kindOfSid, pathOf } from './layout.js';
import { OdooApplication, type OdooSettings } from './odoo.js';
import { savedMsOf } from './plan.js';
import { VALUE_FORMATS } from './profile.js';
import type { SidKind } from './sid-kinds.js';

/** Makes the files that one series of Odoo reads. */
export class OdooFileEncoder implements FileEncoder {
  readonly title: string;
  readonly release: string;
  readonly noFile = '';
  readonly tempSuffix: string;
  readonly #application: OdooApplication;
  readonly #sink: ByteSink;
  #value: Buffer = Buffer.alloc(0);

  constructor(
    readonly settings: OdooSettings,
    readonly format: FileFormat,
    readonly maxValueBytes: number,
  ) {
    this.title = `Odoo ${format.odoo}`;
    this.release = format.odoo;
    this.tempSuffix = format.tempSuffix;
    this.#application = new OdooApplication(settings);
    this.#sink = new ByteSink(16 * 1024, mostEncoded(maxValueBytes, maxValueBytes));
  }

  acceptsSid(sid: string): boolean {
    const kind = kindOfSid(sid);
    return kind !== null && this.format.sids.includes(kind);
  }

  pathOf(sid: string): string {
    return pathOf(sid, this.format.layout);
  }

  /** Odoo 16 and 17 take a flat file of the same id for the session as long as there is no hashed one. */
  otherPathOf(sid: string): string | null {
    const { layout, sids } = this.format;
    return layout === 'hashed' && sids.includes('hex40') ? pathOf(sid, 'flat') : null;
  }

  /** Odoo 16 and later take up flat files without a hashed twin as well; Odoo up to 15 never looks into shards. */
  readsIn(fileSystem: FileSystem, root: string): (name: StoreName) => boolean {
    const { layout, sids } = this.format;
    const twins = new HashedTwins(fileSystem, root);
    return (name) => {
      if (name.kind === null || !sids.includes(name.kind as SidKind)) return false;
      return name.layout === layout || (name.layout === 'flat' && !twins.has(name.sid));
    };
  }

  inspect(value: Buffer): Content {
    const { content, facts } = this.#application;
    const { encoding } = this.settings.reader;
    this.#value = value;
    this.#application.inspect(value, 0, value.length);
    // What a reader can't decode is no login to it, and must not become one in a file.
    const format = VALUE_FORMATS[encoding];
    if (content.verdict === 'whole' && format !== null && format !== facts.format) {
      content.verdict = 'malformed';
      content.reason = `the value is ${facts.format}, which this reader cannot decode`;
      content.offset = 0;
    }
    return content;
  }

  savedMsFor(expiryMs: number, nowMs: number): number {
    return savedMsOf(this.#application.facts, expiryMs, this.settings.policy, nowMs);
  }

  plan(savedMs: number, nowMs: number): Plan {
    return this.#application.plan(savedMs, nowMs);
  }

  encode(): Buffer {
    const { format, settings, maxValueBytes } = this;
    const value = this.#value;
    const sink = this.#sink;
    sink.length = 0;
    sink.maxBytes = mostEncoded(value.length, maxValueBytes);
    const isMade = encodeFile(format, settings.reader.encoding, value, this.#application.root, sink);
    return isMade ? sink.view() : value;
  }
}
