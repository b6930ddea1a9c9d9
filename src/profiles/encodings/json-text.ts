import type { ByteSink } from '../../byte-sink.js';
import { writeFew } from './few-bytes.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The escapes with a letter of their own, CPython Lib/json/encoder.py ESCAPE_DCT; all others are \uXXXX. */
const LETTERS = new Map([
  [QUOTE, '"'],
  [BACKSLASH, '\\'],
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
]);

/** `"text"` as `json.dumps` writes it with ensure_ascii: a character past U+FFFF as two escapes, DEL as one too. */
export function writeJsonText(text: string, sink: ByteSink): void {
  const { length } = text;
  sink.reserve(length + 2);
  const { buffer } = sink;
  let at = sink.length;
  buffer[at++] = QUOTE;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (!isPlain(unit)) {
      sink.length = at;
      writeFrom(text, i, sink);
      return;
    }
    buffer[at++] = unit;
  }
  buffer[at++] = QUOTE;
  sink.length = at;
}

function isPlain(unit: number): boolean {
  return unit >= 0x20 && unit < 0x7f && unit !== QUOTE && unit !== BACKSLASH;
}

function writeFrom(text: string, start: number, sink: ByteSink): void {
  for (let i = start; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (isPlain(unit)) sink.byte(unit);
    else writeFew(`\\${LETTERS.get(unit) ?? `u${unit.toString(16).padStart(4, '0')}`}`, sink);
  }
  sink.byte(QUOTE);
}
