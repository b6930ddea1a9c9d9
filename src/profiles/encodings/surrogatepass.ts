import type { ByteSink } from '../../byte-sink.js';

/** Half of a character past U+FFFF without its other half, which `Buffer.write` would replace by U+FFFD. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Bytes of the text in UTF-8. A lone surrogate takes three, as many as what replaces it. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** Appends text as UTF-8, lone surrogates included: Python's `surrogatepass`, which pickle uses on both sides. */
export function writeUtf8(text: string, length: number, sink: ByteSink): void {
  sink.reserve(length);
  if (length === text.length || !LONE_SURROGATE.test(text)) {
    sink.length += sink.buffer.write(text, sink.length, 'utf8');
    return;
  }
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    if (point >= 0xd800 && point <= 0xdfff) {
      sink.byte(0xe0 | (point >> 12));
      sink.byte(0x80 | ((point >> 6) & 0x3f));
      sink.byte(0x80 | (point & 0x3f));
    } else {
      sink.length += sink.buffer.write(character, sink.length, 'utf8');
    }
  }
}
