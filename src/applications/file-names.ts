import type { NameVerdict, StoreName } from './application.js';
import { type CharacterSet, isOfSet, parseCharacterSet } from './character-set.js';
import { compileGlob, type Glob, matchesGlob } from './glob.js';
import { bytewise, fillText } from './placeholders.js';
import { type FilePart, type ParameterValue, TemplateFault, type TemplateRefusal } from './template.js';

/** A file's name: literal text, the id, literal text. */
export interface NamePattern {
  readonly before: string;
  readonly sid: CharacterSet;
  readonly after: string;
}

const SID = /\{sid:([^{}]*)\}/g;

/**
 * Takes `sess_{sid:php:22-256}` apart.
 * @throws {TemplateFault}
 */
export function splitNamePattern(text: string): { before: string; set: string; after: string } {
  const found = [...text.matchAll(SID)];
  const [first] = found;
  if (first === undefined) {
    if (/\{sid\}/.test(text)) throw new TemplateFault('{sid} needs its characters and lengths, as in {sid:alnum:40}');
    throw new TemplateFault('the pattern of a name holds no {sid:characters:length}');
  }
  if (found.length > 1) throw new TemplateFault('the pattern of a name holds {sid:...} more than once');
  const before = text.slice(0, first.index);
  const after = text.slice(first.index + first[0].length);
  if (before.includes('/') || after.includes('/')) {
    throw new TemplateFault('the pattern is of a name, without a slash: write sub-directories under directories');
  }
  return { before, set: first[1] as string, after };
}

function compileNamePattern(text: string, values: Readonly<Record<string, ParameterValue>>): NamePattern {
  const { before, set, after } = splitNamePattern(text);
  return { before: fillText(before, values), sid: parseCharacterSet(set), after: fillText(after, values) };
}

/** Where the id starts in `path[start, end)`; -1 for a name that does not follow the pattern. */
function sidStart({ before, sid, after }: NamePattern, path: string, start: number, end: number): number {
  const from = start + before.length;
  const to = end - after.length;
  if (to <= from || !path.startsWith(before, start) || !path.startsWith(after, to)) return -1;
  return isOfSet(sid, path, from, to) ? from : -1;
}

interface NameRefusal {
  pattern: NamePattern;
  because: string;
}

/** Adler-32 (RFC 1950) of a text of one character per byte. */
function adler32(text: string): number {
  let low = 1;
  let high = 0;
  for (let i = 0; i < text.length; i++) {
    low = (low + text.charCodeAt(i)) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

/** The names of a store, compiled: one look at each character of a path. */
export class FileNames {
  readonly levels: number;
  readonly #pattern: NamePattern;
  readonly #characters: number;
  readonly #isDigest: boolean;
  readonly #temporary: readonly Glob[];
  readonly #skip: readonly Glob[];
  readonly #refusals: readonly NameRefusal[];
  readonly #isUrlEncoded: boolean;

  constructor(part: FilePart, refuse: readonly TemplateRefusal[], values: Readonly<Record<string, ParameterValue>>) {
    const { directories } = part;
    this.levels = directories === null ? 0 : Number(fillText(directories.levels, values));
    this.#characters = directories?.characters ?? 1;
    this.#isDigest = directories !== null && directories.digest !== null;
    this.#pattern = compileNamePattern(part.name, values);
    this.#temporary = part.temporary.map((glob) => compileGlob(glob, values));
    this.#skip = part.skip.map((glob) => compileGlob(glob, values));
    this.#refusals = refuse.flatMap(({ name, because }) =>
      name === null ? [] : [{ pattern: compileNamePattern(name, values), because }],
    );
    this.#isUrlEncoded = part.isUrlEncoded;
  }

  recognise(path: string, name: StoreName): void {
    name.sid = '';
    name.reason = '';
    const start = path.lastIndexOf('/') + 1;
    const from = sidStart(this.#pattern, path, start, path.length);
    if (from >= 0) {
      const to = path.length - this.#pattern.after.length;
      if (!this.#isInPlace(path, start, from)) name.verdict = 'foreign';
      // cachelib counts its files in one that has a name like theirs.
      else if (this.#skip.length > 0 && this.#isSkipped(path.slice(start))) name.verdict = 'ignored';
      else this.#setSid(path.slice(from, to), name);
      return;
    }
    name.verdict = this.#verdictOfOther(path.slice(start), name);
  }

  #setSid(sid: string, name: StoreName): void {
    name.verdict = 'session';
    name.sid = sid;
    if (!this.#isUrlEncoded || !sid.includes('%')) return;
    try {
      name.sid = bytewise(decodeURIComponent(sid));
    } catch {
      name.verdict = 'foreign';
      name.sid = '';
    }
  }

  #verdictOfOther(file: string, name: StoreName): NameVerdict {
    for (const glob of this.#temporary) if (matchesGlob(glob, file)) return 'temp-file';
    if (this.#isSkipped(file)) return 'ignored';
    for (const { pattern, because } of this.#refusals) {
      if (sidStart(pattern, file, 0, file.length) < 0) continue;
      name.reason = because;
      return 'unsupported';
    }
    return 'foreign';
  }

  #isSkipped(file: string): boolean {
    for (const glob of this.#skip) if (matchesGlob(glob, file)) return true;
    return false;
  }

  /** Whether the directories before the name are those where the application looks for this id. */
  #isInPlace(path: string, start: number, sid: number): boolean {
    if (this.#isDigest) return path.slice(0, start) === this.#digestDirectories(path.slice(start));
    let at = 0;
    for (let level = 0; level < this.levels; level++) {
      const slash = path.indexOf('/', at);
      if (slash < 0 || !this.#isDirectory(path, at, slash, sid + level * this.#characters)) return false;
      at = slash + 1;
    }
    return at === start;
  }

  #isDirectory(path: string, start: number, end: number, sid: number): boolean {
    if (end - start !== this.#characters) return false;
    for (let i = start; i < end; i++) if (path[i] !== path[sid + i - start]) return false;
    return true;
  }

  /** Whether a sub-directory may hold sessions. */
  enters(path: string): boolean {
    const steps = path.split('/');
    if (steps.length > this.levels) return false;
    return steps.every((step) => {
      if (this.#isDigest) return /^[0-9A-F]{3}$/.test(step);
      if (step.length !== this.#characters) return false;
      return [...step].every((character) => this.#pattern.sid.allowed[character.charCodeAt(0)] === 1);
    });
  }

  pathOf(sid: string): string {
    const name = this.#isUrlEncoded ? encodeURIComponent(Buffer.from(sid, 'latin1').toString()) : sid;
    const file = `${this.#pattern.before}${name}${this.#pattern.after}`;
    if (this.#isDigest) return this.#digestDirectories(file) + file;
    let path = '';
    for (let level = 0; level < this.levels; level++) {
      path += `${sid.slice(level * this.#characters, (level + 1) * this.#characters)}/`;
    }
    return path + file;
  }

  #digestDirectories(file: string): string {
    let digest = adler32(file);
    let path = '';
    for (let level = 0; level < this.levels; level++) {
      path += `${(digest % 4096).toString(16).toUpperCase().padStart(3, '0')}/`;
      digest = Math.floor(digest / 4096);
    }
    return path;
  }

  /** Whether text can be an id at all. */
  isSid(text: string): boolean {
    if (this.#isUrlEncoded) return text !== '';
    return isOfSet(this.#pattern.sid, text, 0, text.length);
  }
}
