import { describe, expect, it } from 'vitest';
import { escapeBytes, fingerprintOf, maskSid } from '../src/fingerprint.js';
import { flat, hashed, hex40, urlsafe84 } from './samples.js';

describe('the fingerprint of a session', () => {
  it('is twelve hex digits, the same for the same sid and for no other', () => {
    const prints = Array.from({ length: 1000 }, (_, n) => fingerprintOf(hex40(n)));
    for (const print of prints) expect(print).toMatch(/^[0-9a-f]{12}$/);
    expect(new Set(prints).size).toBe(1000);
    expect(fingerprintOf(hex40(5))).toBe(prints[5]);
  });

  it('has nothing of the sid in it', () => {
    for (let n = 0; n < 100; n++) expect(hex40(n)).not.toContain(fingerprintOf(hex40(n)).slice(0, 8));
  });
});

describe('a path that is shown', () => {
  it.each([
    [flat(hex40(1)), hex40(1), `werkzeug_${hex40(1).slice(0, 8)}*.sess`],
    [hashed(urlsafe84(2)), urlsafe84(2), `${urlsafe84(2).slice(0, 2)}/${urlsafe84(2).slice(0, 8)}*`],
    ['ab/', '', 'ab/'],
  ])('has eight characters of its sid', (path, sid, shown) => {
    expect(maskSid(path, sid)).toBe(shown);
  });

  it('has no byte in it that a terminal would obey', () => {
    expect(escapeBytes('a\x1b[2J\n\xe9\x7f\0 ~')).toBe('a\\x1b[2J\\x0a\\xe9\\x7f\\x00 ~');
  });
});
