import type { ByteSink } from '../python/sink.js';
import type { RedisValue } from './application.js';
import { CONVERTERS, type Converter } from './converters.js';
import { unpackZlib } from './formats/envelopes.js';
import { ContentFault } from './formats/scanner.js';
import type { ParameterValue, ValuePart } from './template.js';
import { ValueText } from './value-texts.js';

/** What a reader finds under its keys, compiled: a string or the fields of a hash, made of the file's bytes. */
export class Values {
  /** Null for a string. */
  readonly fields: readonly string[] | null;
  readonly ownField: number;
  /** Whether the value is the bytes of the file. */
  readonly isVerbatim: boolean;
  /** Why no file can be made of a value again; empty where one can. */
  readonly noFile: string;
  readonly #texts: readonly ValueText[];
  readonly #from: number;
  readonly #converter: Converter | null;
  /** Whether the reader may have packed the field that is ours when it wrote it. */
  readonly #isTagged: boolean;
  /** Whether the value that was decoded last is none that this program reads, and may be one that the reader does. */
  isBeyond = false;

  constructor(part: ValuePart, values: Readonly<Record<string, ParameterValue>>) {
    this.fields = part.kind === 'fields' ? part.fields.map(([name]) => name) : null;
    this.ownField = part.kind === 'fields' ? part.fields.findIndex(([name]) => name === part.own) : 0;
    this.#isTagged = part.kind === 'fields' && part.packed !== null;
    this.#from = part.kind === 'bytes' ? part.from : 0;
    this.#converter = part.kind === 'convert' ? (CONVERTERS[part.converter] as Converter) : null;
    const whyCut = this.#from > 0 ? `the first ${this.#from} bytes of a file are not in Redis` : '';
    this.noFile = this.#converter?.noFile ?? whyCut;
    const texts =
      part.kind === 'fields' ? part.fields.map(([, text]) => text) : [part.kind === 'text' ? part.text : '{bytes}'];
    this.#texts = texts.map((text) => new ValueText(text, values));
    const [only] = this.#texts;
    this.isVerbatim = this.fields === null && this.noFile === '' && only?.isBare === true;
  }

  /**
   * @param start of the session, behind what the template leaves out
   * @throws {UnsupportedSession}
   * @throws {SinkFull}
   */
  encode(bytes: Uint8Array, start: number, end: number, value: RedisValue): void {
    const { sink, ends } = value;
    ends.length = 0;
    if (this.#converter !== null) {
      this.#converter.encode(bytes, start, end, sink);
      ends.push(sink.length);
      return;
    }
    for (let i = 0; i < this.#texts.length; i++) {
      (this.#texts[i] as ValueText).encode(bytes, start, end, sink);
      ends.push(sink.length);
    }
  }

  /**
   * Appends the file's bytes.
   * @returns an empty text, or why there are none
   */
  decode(fields: readonly (Uint8Array | null)[], file: ByteSink): string {
    this.isBeyond = false;
    if (this.noFile !== '') return this.noFile;
    const own = fields[this.ownField];
    if (own == null)
      return this.fields === null ? 'there is no value' : `the field ${this.fields[this.ownField]} is absent`;
    const bytes = this.#isTagged ? untag(own) : own;
    if (typeof bytes === 'string') {
      this.isBeyond = !bytes.startsWith(DAMAGED);
      return bytes;
    }
    if ((this.#texts[this.ownField] as ValueText).decode(bytes, file)) return '';
    return 'the value is not in the form that the template gives it';
  }
}

const DAMAGED = 'it is packed by gzip';

/**
 * By the tag of four bytes, what packed a field (colinmollenhour/php-redis-session-abstract Handler.php, _decodeData).
 */
const PACKERS: Readonly<Record<string, string>> = { ':sn:': 'snappy', ':lz:': 'lzf', ':l4:': 'lz4' };

/**
 * The session in the field `data` as Magento's reader writes it: as it is, or behind a tag that says what packed it.
 * @returns the bytes, or why they can't be had
 */
function untag(field: Uint8Array): Uint8Array | string {
  const tag = Buffer.from(field.subarray(0, 4)).toString('latin1');
  const packer = PACKERS[tag];
  if (packer !== undefined) return `it is packed by ${packer}, which this program can't undo`;
  if (tag !== ':gz:') return field;
  try {
    return unpackZlib(field, 4, field.length);
  } catch (error) {
    if (!(error instanceof ContentFault)) throw error;
    return `${DAMAGED} and damaged, or holds more than 16 MiB`;
  }
}
