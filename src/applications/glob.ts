import { fillPieces, parsePieces } from './placeholders.js';
import type { ParameterValue } from './template.js';

const ANY = 1;
const DIGITS = 2;

/** A pattern of names, compiled: literal texts, and between them what stands for any text or for digits. */
export type Glob = readonly (string | typeof ANY | typeof DIGITS)[];

/**
 * Compiles a text in which `*` stands for any text and `#` for one digit and more. What a parameter holds is text.
 * @throws {TemplateFault}
 */
export function compileGlob(text: string, values: Readonly<Record<string, ParameterValue>>): Glob {
  const glob: (string | typeof ANY | typeof DIGITS)[] = [];
  for (const piece of parsePieces(text, [], Object.keys(values))) {
    const [filled] = fillPieces([piece], values);
    const literal = filled?.kind === 'literal' ? filled.text : '';
    for (const part of piece.kind === 'literal' ? literal.split(/([*#])/) : [literal]) {
      if (part !== '') glob.push(piece.kind !== 'literal' ? part : part === '*' ? ANY : part === '#' ? DIGITS : part);
    }
  }
  return glob;
}

/** Whether a name follows a pattern. Goes back to the last `*` only, so that the work is bounded by both lengths. */
export function matchesGlob(glob: Glob, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let p = 0;
  for (;;) {
    const part = glob[p];
    if (part === undefined && at === name.length) return true;
    if (part === ANY) {
      star = ++p;
      resume = at;
      continue;
    }
    const end = part === undefined ? -1 : part === DIGITS ? digitsEnd(name, at) : textEnd(name, at, part);
    if (end >= 0) {
      at = end;
      p++;
    } else if (star >= 0 && resume < name.length) {
      at = ++resume;
      p = star;
    } else return false;
  }
}

function textEnd(name: string, at: number, text: string): number {
  return name.startsWith(text, at) ? at + text.length : -1;
}

/** Behind all digits that stand here; -1 where there is none. */
function digitsEnd(name: string, at: number): number {
  let end = at;
  while (end < name.length && name.charCodeAt(end) >= 0x30 && name.charCodeAt(end) <= 0x39) end++;
  return end === at ? -1 : end;
}
