import { describe, expect, it } from 'vitest';
import { escapeBytes, fingerprintOf, maskSid, maskSids } from '../src/masking.js';
import { flat, hashed, hex40, urlsafe84, urlsafe86 } from './support/samples.js';

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
  const [short, long] = [hex40(1), urlsafe84(2)];

  it.each([
    [short, `${short.slice(0, 8)}*`],
    [flat(short), `werkzeug_${short.slice(0, 8)}*.sess`],
    [hashed(long), `${long.slice(0, 2)}/${long.slice(0, 8)}*`],
    [hashed('-_'.repeat(43)), '-_/-_-_-_-_*'],
    // No session of this name is known, but its id may well be one.
    [`zz/${short}`, `zz/${short.slice(0, 8)}*`],
    [`${short}.bak`, `${short.slice(0, 8)}*.bak`],
    [`werkzeug_${short}_${'0'.repeat(32)}.file`, `werkzeug_${short.slice(0, 8)}*.file`],
  ])('has eight characters of what may be a sid: %s', (path, shown) => {
    expect(maskSid(path)).toBe(shown);
  });

  it.each(['ab/', 'README', 'tmpabcdefgh.__wz_sess', 'lost+found/x'])(
    'is whole where there is no such thing: %s',
    (path) => {
      expect(maskSid(path)).toBe(path);
    },
  );

  it('never gives a known session away', () => {
    for (let n = 0; n < 200; n++) {
      for (const sid of [hex40(n), urlsafe84(n), urlsafe86(n)]) {
        for (const path of [sid, flat(sid), hashed(sid)]) expect(maskSid(path)).not.toContain(sid.slice(0, 9));
      }
    }
  });

  it('has no byte in it that a terminal would obey', () => {
    expect(escapeBytes('a\x1b[2J\n\xe9\x7f\0 ~')).toBe('a\\x1b[2J\\x0a\\xe9\\x7f\\x00 ~');
  });
});

it.each([
  ["PHP's file names, of whatever length", '/s/sess_0a1b2c3d4e5f6g7h8i9j0k1l2m is a file', '/s/sess_0a1b2c* is a file'],
  ['ids of 32 hexadecimal digits', `unknown command ${'0123456789abcdef'.repeat(2)}`, 'unknown command 01234567*'],
  ['no word that is longer or shorter', `/x/${'ab12'.repeat(16)}/sess_short`, `/x/${'ab12'.repeat(16)}/sess_short`],
])('a message shows no whole id of other applications: %s', (_, message, shown) => {
  expect(maskSids(message)).toBe(shown);
});
