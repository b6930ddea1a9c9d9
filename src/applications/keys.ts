import { hash } from 'node:crypto';
import type { KeyTemplate } from './application.js';
import { compileGlob, type Glob, matchesGlob } from './glob.js';
import { fillPieces, type Piece, parsePieces } from './placeholders.js';
import { type ParameterValue, TemplateFault } from './template.js';

/** @throws {TemplateFault} for a text that makes no key of an id */
export function parseKey(text: string, parameters: readonly string[]): Piece[] {
  const pieces = parsePieces(text, ['sid', 'md5'], parameters);
  const places = pieces.filter(({ kind }) => kind === 'sid' || kind === 'md5');
  const holdsSid = places.some(
    (piece) => piece.kind === 'sid' || (piece.kind === 'md5' && piece.pieces.some(({ kind }) => kind === 'sid')),
  );
  if (places.length > 1) throw new TemplateFault('a key has one {sid} or one {md5:...}');
  if (!holdsSid) throw new TemplateFault('a key without {sid} would be the same for every session');
  return pieces;
}

/** What stands in {@link KeyTemplate.digest} for the id, and for the number of its characters. */
const DIGEST_SID = '\0';
const DIGEST_LENGTH = '\x01';

/** What stands in the key of a session between `before` and `after`. */
export function placeOf({ digest }: { digest?: string | undefined }, sid: string): string {
  if (digest === undefined) return sid;
  const text = digest.replaceAll(DIGEST_LENGTH, String(sid.length)).replaceAll(DIGEST_SID, sid);
  return hash('md5', Buffer.from(text, 'latin1'));
}

export function keyOf(key: KeyTemplate, sid: string): string {
  return key.before + placeOf(key, sid) + key.after;
}

/** The keys of a reader, compiled. */
export class Keys {
  /** A pattern of SCAN. */
  readonly pattern: string;
  /** Whether the id can be read from a key. */
  readonly showsSid: boolean;
  readonly template: KeyTemplate;
  readonly #locks: readonly Glob[];

  constructor(text: string, ignore: readonly string[], values: Readonly<Record<string, ParameterValue>>) {
    const parameters = Object.keys(values);
    const pieces = fillPieces(parseKey(text, parameters), values);
    const at = pieces.findIndex(({ kind }) => kind !== 'literal');
    const place = pieces[at] as Piece;
    this.showsSid = place.kind === 'sid';
    this.template = {
      before: literal(pieces[at - 1]),
      after: literal(pieces[at + 1]),
      ...(place.kind === 'md5' && { digest: place.pieces.map(digestText).join('') }),
    };
    this.pattern = pieces.map((piece) => (piece.kind === 'literal' ? escapeGlob(piece.text) : '*')).join('');
    this.#locks = ignore.map((lock) => compileGlob(lock.includes('*') ? lock : `*${lock}`, values));
  }

  /** What stands where a key has the id; null for a key without such a place. */
  sidOf(key: string): string | null {
    const { before, after } = this.template;
    if (!this.showsSid || key.length <= before.length + after.length) return null;
    if (!key.startsWith(before) || !key.endsWith(after)) return null;
    return key.slice(before.length, key.length - after.length);
  }

  isLock(key: string): boolean {
    for (const lock of this.#locks) if (matchesGlob(lock, key)) return true;
    return false;
  }
}

function literal(piece: Piece | undefined): string {
  return piece?.kind === 'literal' ? piece.text : '';
}

function digestText(piece: Piece): string {
  return piece.kind === 'sid' ? DIGEST_SID : piece.kind === 'length' ? DIGEST_LENGTH : literal(piece);
}

function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\^]/g, '\\$&');
}
