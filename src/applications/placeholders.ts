import { nearest } from '../nearest.js';
import { type ParameterValue, TemplateFault } from './template.js';

/** A text with placeholders, taken apart. `unit` divides a duration: `{lifetime:s}` is its seconds. */
export type Piece =
  | { kind: 'literal'; text: string }
  | { kind: 'parameter'; name: string; unit: string }
  | { kind: 'sid' }
  | { kind: 'bytes' }
  | { kind: 'length' }
  | { kind: 'md5'; pieces: readonly Piece[] };

export type Word = 'sid' | 'bytes' | 'length' | 'md5';

/** Milliseconds of the units in which a duration may be written into a text. */
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000 };

const OPENING = /\{([a-z][a-z0-9-]*)([:}])/y;

/**
 * Takes a text apart. A brace begins a placeholder where a lower-case word and then `}` stand behind it, or `md5:` or a
 * parameter's name and a colon; any other brace is text, so that serialised PHP and JSON can be written as they are.
 * @param words what may stand here besides parameters
 * @throws {TemplateFault}
 */
export function parsePieces(text: string, words: readonly Word[], parameters: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  let literal = 0;
  let at = text.indexOf('{');
  while (at >= 0) {
    OPENING.lastIndex = at;
    const match = OPENING.exec(text);
    const piece = match === null ? null : pieceAt(text, at, match[1] as string, match[2] === ':', words, parameters);
    if (piece === null) {
      at = text.indexOf('{', at + 1);
      continue;
    }
    if (at > literal) pieces.push({ kind: 'literal', text: text.slice(literal, at) });
    pieces.push(piece.piece);
    literal = piece.end;
    at = text.indexOf('{', literal);
  }
  if (literal < text.length) pieces.push({ kind: 'literal', text: text.slice(literal) });
  return pieces;
}

function pieceAt(
  text: string,
  at: number,
  name: string,
  hasArgument: boolean,
  words: readonly Word[],
  parameters: readonly string[],
): { piece: Piece; end: number } | null {
  const isParameter = parameters.includes(name);
  if (hasArgument) {
    if (name !== 'md5' && !isParameter) return null;
    const start = at + name.length + 2;
    const end = closingBrace(text, start);
    if (end < 0) throw new TemplateFault(`{${name}: has no closing brace`);
    const argument = text.slice(start, end);
    if (isParameter) {
      if (!Object.hasOwn(UNITS, argument))
        throw new TemplateFault(`{${name}:${argument}} names no unit: write s, ms or min`);
      return { piece: { kind: 'parameter', name, unit: argument }, end: end + 1 };
    }
    if (!words.includes('md5')) throw new TemplateFault('{md5:...} has no place here');
    return { piece: { kind: 'md5', pieces: parsePieces(argument, ['sid', 'length'], parameters) }, end: end + 1 };
  }
  const end = at + name.length + 2;
  if (isParameter) return { piece: { kind: 'parameter', name, unit: '' }, end };
  if (name === 'sid' || name === 'bytes' || name === 'length') {
    if (words.includes(name)) return { piece: { kind: name }, end };
    throw new TemplateFault(`{${name}} has no place here`);
  }
  const guess = nearest(name, [...words, ...parameters]);
  throw new TemplateFault(
    `{${name}} is no placeholder and no parameter${guess === null ? ': declare it under parameters' : `: did you mean {${guess}}?`}`,
  );
}

/** The brace that closes what was opened before `start`, braces within counted; -1 where there is none. */
function closingBrace(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

/** The pieces with parameters put in and neighbouring literals joined. Text becomes one character per byte of UTF-8. */
export function fillPieces(pieces: readonly Piece[], values: Readonly<Record<string, ParameterValue>>): Piece[] {
  const filled: Piece[] = [];
  for (const piece of pieces) {
    const next: Piece =
      piece.kind === 'literal'
        ? { kind: 'literal', text: bytewise(piece.text) }
        : piece.kind === 'parameter'
          ? { kind: 'literal', text: bytewise(valueText(values[piece.name] ?? '', piece.unit)) }
          : piece.kind === 'md5'
            ? { kind: 'md5', pieces: fillPieces(piece.pieces, values) }
            : piece;
    const last = filled.at(-1);
    if (next.kind === 'literal' && last?.kind === 'literal') last.text += next.text;
    else filled.push(next);
  }
  return filled;
}

function valueText(value: ParameterValue, unit: string): string {
  if (typeof value === 'string') return value;
  return String(unit === '' ? value : Math.floor(value / (UNITS[unit] as number)));
}

/** UTF-8 as text of one character per byte, as keys and names are everywhere. */
export function bytewise(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/**
 * All text of a template that holds nothing but parameters.
 * @throws {TemplateFault}
 */
export function fillText(text: string, values: Readonly<Record<string, ParameterValue>>): string {
  const pieces = fillPieces(parsePieces(text, [], Object.keys(values)), values);
  return pieces.map((piece) => (piece.kind === 'literal' ? piece.text : '')).join('');
}
