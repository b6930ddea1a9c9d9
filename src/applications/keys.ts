import { hash } from 'node:crypto';
import type { KeyTemplate } from './application.js';
import { compileGlob, type Glob, matchesGlob } from './glob.js';
import { fillPieces, type Piece, parsePieces } from './placeholders.js';
import { type ParameterValue, TemplateFault } from './template.js';

/** @throws {TemplateFault} for a text that makes no key of an id */
export function parseKey(text: string, parameters: readonly string[]): Piece[] {
  const pieces = parsePieces(text, ['sid', 'md5'], parameters);
  const holdsSid = pieces.some(
    (piece) => piece.kind === 'sid' || (piece.kind === 'md5' && piece.pieces.some(({ kind }) => kind === 'sid')),
  );
  if (!holdsSid) throw new TemplateFault('a key without {sid} would be the same for every session');
  return pieces;
}

/** The keys of a reader, compiled. */
export class Keys {
  /** A pattern of SCAN. */
  readonly pattern: string;
  /** Whether the id can be read from a key. */
  readonly showsSid: boolean;
  readonly #pieces: readonly Piece[];
  readonly #before: string;
  readonly #after: string;
  readonly #locks: readonly Glob[];

  constructor(text: string, ignore: readonly string[], values: Readonly<Record<string, ParameterValue>>) {
    const parameters = Object.keys(values);
    this.#pieces = fillPieces(parseKey(text, parameters), values);
    const sid = this.#pieces.findIndex(({ kind }) => kind === 'sid');
    this.showsSid = sid >= 0 && this.#pieces.every(({ kind }, i) => i === sid || kind === 'literal');
    this.#before = this.showsSid ? literal(this.#pieces[sid - 1]) : '';
    this.#after = this.showsSid ? literal(this.#pieces[sid + 1]) : '';
    this.pattern = this.#pieces.map((piece) => (piece.kind === 'literal' ? escapeGlob(piece.text) : '*')).join('');
    this.#locks = ignore.map((lock) => compileGlob(lock.includes('*') ? lock : `*${lock}`, values));
  }

  /** What stands around the id; null for keys with a digest of it. */
  get template(): KeyTemplate | null {
    return this.showsSid ? { before: this.#before, after: this.#after } : null;
  }

  keyOf(sid: string): string {
    return this.showsSid ? this.#before + sid + this.#after : this.#pieces.map((piece) => textOf(piece, sid)).join('');
  }

  /** What stands where a key has the id; null for a key without such a place. */
  sidOf(key: string): string | null {
    if (!this.showsSid || key.length <= this.#before.length + this.#after.length) return null;
    if (!key.startsWith(this.#before) || !key.endsWith(this.#after)) return null;
    return key.slice(this.#before.length, key.length - this.#after.length);
  }

  isLock(key: string): boolean {
    for (const lock of this.#locks) if (matchesGlob(lock, key)) return true;
    return false;
  }
}

function literal(piece: Piece | undefined): string {
  return piece?.kind === 'literal' ? piece.text : '';
}

function textOf(piece: Piece, sid: string): string {
  if (piece.kind === 'literal') return piece.text;
  if (piece.kind === 'sid') return sid;
  if (piece.kind !== 'md5') return '';
  const text = piece.pieces.map((inner) => textOf(inner, sid)).join('');
  return hash('md5', Buffer.from(text, 'latin1'));
}

function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\^]/g, '\\$&');
}
