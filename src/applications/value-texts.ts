import type { ByteSink } from '../python/sink.js';
import { fillPieces, type Piece, parsePieces } from './placeholders.js';
import { type ParameterValue, TemplateFault } from './template.js';

/**
 * Checks a text that makes a value of the file's bytes.
 * @param isField of a hash, which may do without the bytes
 * @throws {TemplateFault}
 */
export function parseValueText(text: string, parameters: readonly string[], isField: boolean): Piece[] {
  const pieces = parsePieces(text, ['bytes', 'length'], parameters);
  const bytes = pieces.filter(({ kind }) => kind === 'bytes').length;
  if (bytes > 1) throw new TemplateFault('{bytes} stands more than once in a value');
  if (bytes === 0 && !isField) throw new TemplateFault('a value without {bytes} would be the same for every session');
  const length = pieces.findIndex(({ kind }) => kind === 'length');
  if (length >= 0 && length > pieces.findIndex(({ kind }) => kind === 'bytes')) {
    throw new TemplateFault('{length} has to stand before the {bytes} that it counts');
  }
  return pieces;
}

/** One value, or one field of a hash, compiled: what stands before the bytes, the bytes, what stands behind them. */
export class ValueText {
  readonly holdsBytes: boolean;
  /** Whether the value is the bytes and nothing else. */
  readonly isBare: boolean;
  readonly #pieces: readonly Piece[];
  readonly #literals: readonly Buffer[];

  constructor(text: string, values: Readonly<Record<string, ParameterValue>>) {
    this.#pieces = fillPieces(parsePieces(text, ['bytes', 'length'], Object.keys(values)), values);
    this.#literals = this.#pieces.map((piece) => Buffer.from(piece.kind === 'literal' ? piece.text : '', 'latin1'));
    this.holdsBytes = this.#pieces.some(({ kind }) => kind === 'bytes');
    this.isBare = this.holdsBytes && this.#pieces.length === 1;
  }

  encode(bytes: Uint8Array, start: number, end: number, sink: ByteSink): void {
    for (let i = 0; i < this.#pieces.length; i++) {
      const kind = (this.#pieces[i] as Piece).kind;
      if (kind === 'bytes') sink.bytes(bytes, start, end);
      else if (kind === 'length') sink.latin1(String(end - start));
      else sink.bytes(this.#literals[i] as Buffer);
    }
  }

  /** Appends the bytes that stand in a value; false for a value of another form. */
  decode(value: Uint8Array, sink: ByteSink): boolean {
    let start = 0;
    let end = value.length;
    let length = -1;
    const at = this.#pieces.findIndex(({ kind }) => kind === 'bytes');
    for (let i = 0; i < at; i++) {
      const literal = this.#literals[i] as Buffer;
      if ((this.#pieces[i] as Piece).kind === 'length') {
        const from = start;
        for (length = 0; isDigit(value[start]); start++) length = length * 10 + (value[start] as number) - 0x30;
        if (start === from || start - from > 15) return false;
      } else if (!literal.equals(value.subarray(start, start + literal.length))) return false;
      else start += literal.length;
    }
    for (let i = this.#pieces.length - 1; i > at; i--) {
      const literal = this.#literals[i] as Buffer;
      end -= literal.length;
      if (end < start || !literal.equals(value.subarray(end, end + literal.length))) return false;
    }
    if (length >= 0 && end - start !== length) return false;
    sink.bytes(value, start, end);
    return true;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
