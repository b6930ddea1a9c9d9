import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../../src/python/text.js';

function decode(latin1: string, surrogates: 'pass' | 'refuse' = 'pass'): string | null {
  return decodeUtf8(Buffer.from(latin1, 'latin1'), 0, latin1.length, surrogates);
}

describe('decodeUtf8', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  it('agrees with TextDecoder on all text and on random bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc.string({ unit: 'binary' }).map((text) => new Uint8Array(Buffer.from(text))),
      fc
        .array(
          fc.constantFrom(
            0x41,
            0x80,
            0xbf,
            0xc0,
            0xc2,
            0xdf,
            0xe0,
            0xed,
            0x9f,
            0xa0,
            0xef,
            0xf0,
            0x90,
            0xf4,
            0x8f,
            0xf5,
          ),
        )
        .map((a) => Uint8Array.from(a)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        let expected: string | null = null;
        try {
          expected = strict.decode(input);
        } catch {}
        expect(decodeUtf8(Buffer.from(input), 0, input.length, 'refuse')).toBe(expected);
      }),
      { numRuns: 20_000 },
    );
  });

  it('lets surrogates pass only where it is told to', () => {
    expect(decode('\xed\xa0\x80')).toBe('\ud800');
    expect(decode('\xed\xbf\xbf')).toBe('\udfff');
    expect(decode('\xed\xa0\x80', 'refuse')).toBe(null);
    expect(decode('\xed\x9f\xbf', 'refuse')).toBe('\ud7ff');
  });

  it('does not read past the end it is told', () => {
    expect(decodeUtf8(Buffer.from('é'), 0, 1, 'pass')).toBe(null);
  });
});
