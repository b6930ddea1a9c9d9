import { foreignText } from '../masking.js';
import type { Content } from './application.js';
import { unpackZlib } from './formats/envelopes.js';
import { FORMAT_NAMES, FORMATS, type FormatName, formatOf } from './formats/formats.js';
import { FoundMembers, type MemberPaths } from './formats/member-paths.js';
import { ContentFault, type Scanner } from './formats/scanner.js';
import type { TemplateRefusal } from './template.js';

const LONGEST_MEMBER = 60;
/** The first byte of zlib with its usual window of 32 KiB (RFC 1950). */
const ZLIB = 0x78;

/** What is read of a file: which formats it may have, what is refused, and how it is unpacked. */
export interface CheckRules {
  allowed: readonly FormatName[];
  /** Formats in which the application might have been set to write, for a sentence that names the right one. */
  siblings: readonly FormatName[];
  refuse: readonly TemplateRefusal[];
  unpacksZlib: boolean;
  isWrittenInPlace: boolean;
  /** Bytes of a file that stand before its session. */
  from: number;
}

/** Reads files to their end, one after another. Its fields describe the last one. */
export class ContentCheck {
  readonly content: Content = { verdict: 'empty', reason: '', member: '', offset: -1, format: '', facts: 0 };
  readonly found: FoundMembers;
  /** The bytes that are the reader's: the file's from `start` to `end`, or what was packed in it. */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** In which the places of `found` are. */
  inner: Uint8Array = new Uint8Array(0);
  readonly #scanners = new Map<FormatName, Scanner>();
  readonly #refusals: readonly { starts: Buffer; because: string }[];

  constructor(
    readonly rules: CheckRules,
    paths: MemberPaths,
  ) {
    this.found = new FoundMembers(paths);
    this.#refusals = rules.refuse.flatMap(({ starts, because }) =>
      starts === null ? [] : [{ starts: Buffer.from(starts), because }],
    );
  }

  inspect(bytes: Uint8Array, start: number, end: number): void {
    const { content, found } = this;
    content.reason = '';
    content.member = '';
    content.offset = -1;
    content.format = '';
    content.facts = 0;
    found.forget();
    this.bytes = bytes;
    this.inner = bytes;
    this.start = start;
    this.end = end;
    if (start === end) {
      content.verdict = 'empty';
      return;
    }
    if (this.#isRefused() || !this.#skipHead() || !this.#unpack()) return;
    const format = this.#format();
    if (format === null) return;
    content.format = format;
    try {
      this.inner = this.#scanner(format).scan(this.bytes, this.start, this.end, found);
      content.verdict = 'whole';
    } catch (error) {
      if (!(error instanceof ContentFault)) throw error;
      this.#fail(error, format);
    }
  }

  #scanner(format: FormatName): Scanner {
    const known = this.#scanners.get(format);
    if (known !== undefined) return known;
    const made = FORMATS[format].scanner();
    this.#scanners.set(format, made);
    return made;
  }

  #isRefused(): boolean {
    for (const { starts, because } of this.#refusals) {
      if (!this.#startsWith(starts)) continue;
      this.content.verdict = 'unsupported';
      this.content.reason = because;
      this.content.offset = 0;
      return true;
    }
    return false;
  }

  #startsWith(starts: Uint8Array): boolean {
    if (this.end - this.start < starts.length) return false;
    for (let i = 0; i < starts.length; i++) if (this.bytes[this.start + i] !== starts[i]) return false;
    return true;
  }

  #skipHead(): boolean {
    const { from, isWrittenInPlace } = this.rules;
    this.start += from;
    if (this.start < this.end || from === 0) return true;
    this.content.verdict = isWrittenInPlace ? 'torn' : 'malformed';
    this.content.reason = `the file ends within the first ${from} bytes, before its session`;
    this.content.offset = 0;
    return false;
  }

  #unpack(): boolean {
    if (!this.rules.unpacksZlib || this.bytes[this.start] !== ZLIB) return true;
    try {
      this.bytes = unpackZlib(this.bytes, this.start, this.end);
      this.inner = this.bytes;
      this.start = 0;
      this.end = this.bytes.length;
      return true;
    } catch (error) {
      if (!(error instanceof ContentFault)) throw error;
      // Of a file that is written in place, the end may still be an older session's.
      this.content.verdict = this.rules.isWrittenInPlace ? 'torn' : 'malformed';
      this.content.reason = error.reason;
      this.content.offset = 0;
      return false;
    }
  }

  /** The one format that is allowed, or that which the first bytes tell; null where they tell none, which is said. */
  #format(): FormatName | null {
    const { allowed } = this.rules;
    if (allowed.length === 1) return allowed[0] as FormatName;
    const format = formatOf(allowed, this.bytes, this.start, this.end);
    if (format !== null) return format;
    this.content.verdict = 'malformed';
    this.content.reason = `it starts like none of ${allowed.map((name) => FORMATS[name].title).join(', ')}`;
    this.content.offset = 0;
    return null;
  }

  #fail(fault: ContentFault, format: FormatName): void {
    const { content, found } = this;
    const other = this.#otherFormat(format);
    content.offset = Math.max(0, fault.offset - this.start);
    if (other !== null) {
      content.verdict = 'unsupported';
      content.format = other;
      content.reason = `it is ${FORMATS[other].title}, and the reader is set to ${FORMATS[format].title}: it would not be able to decode it`;
      return;
    }
    content.verdict = fault.isTorn && this.rules.isWrittenInPlace ? 'torn' : 'malformed';
    content.reason = fault.reason;
    if (found.memberStart < 0) return;
    const { bytes } = this;
    const end = Math.min(found.memberEnd, found.memberStart + LONGEST_MEMBER);
    content.member = foreignText(
      Buffer.from(bytes.subarray(found.memberStart, end)).toString('latin1'),
      LONGEST_MEMBER,
    );
  }

  /** The format that the bytes are whole in, although it is not the one that is allowed. */
  #otherFormat(format: FormatName): FormatName | null {
    for (const name of FORMAT_NAMES) {
      if (name === format || this.rules.allowed.includes(name) || !this.rules.siblings.includes(name)) continue;
      if (!FORMATS[name].startsLike(this.bytes, this.start, this.end)) continue;
      try {
        this.#scanner(name).scan(this.bytes, this.start, this.end, new FoundMembers(this.found.paths));
        return name;
      } catch (error) {
        if (!(error instanceof ContentFault)) throw error;
      }
    }
    return null;
  }
}
