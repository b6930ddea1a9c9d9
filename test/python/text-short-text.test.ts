import { describe, expect, it } from 'vitest';
import { asciiText } from '../../src/python/text.js';

describe('asciiText', () => {
  it('makes the text of the bytes, the first time and again', () => {
    for (const text of ['', 'a', 'session_token', 'x'.repeat(24), 'x'.repeat(25), 'x'.repeat(10_000)]) {
      const bytes = Buffer.from(`<${text}>`);
      expect(asciiText(bytes, 1, 1 + text.length)).toBe(text);
      expect(asciiText(bytes, 1, 1 + text.length)).toBe(text);
    }
  });

  it('tells apart far more texts than the cache has slots', () => {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 20_000; i++) {
        const text = `${i}`;
        if (asciiText(Buffer.from(text), 0, text.length) !== text) expect.fail(text);
      }
    }
  });

  it('leaves what is not ASCII to others', () => {
    expect(asciiText(Buffer.from('é'), 0, 2)).toBe(null);
    expect(asciiText(Buffer.from('\x7f'), 0, 1)).toBe('\x7f');
  });
});
