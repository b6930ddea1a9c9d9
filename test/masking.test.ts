import { describe, expect, it } from 'vitest';
import { escapeBytes, fingerprintOf, maskPath, maskSid, maskSids, maskUnknown } from '../src/masking.js';
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

const HEX32 = '0123456789abcdef'.repeat(2);

describe('a message', () => {
  it.each([
    ["PHP's file names, of whatever length", '/s/sess_0a1b2c3d4e5f6g7h8i9j0k1l2m is', '/s/sess_0a1b2c* is'],
    ["PHP's ids alone", 'no command q4n1v8sfo3t6b2k9e0m7r5dj1a', 'no command q4n1v8sf*'],
    ['ids of 32 hexadecimal digits', `no command ${HEX32}`, 'no command 01234567*'],
    ["CodeIgniter's file names", `/s/ci_session${HEX32} is`, '/s/ci_session0* is'],
    ["Django's file names", '/s/sessionidk3x9v2m8q4n1z7c5b0r6t4y1w8s2d5f9 is', '/s/sessioni* is'],
    ["connect-redis's ids", '/s/rT4-xQ9_bZ2-mK7_wE5-vN8_jL3-pA6y.json', '/s/rT4-xQ9_*.json'],
    ["Laravel's ids", `/s/${'aB3dE5gH7j'.repeat(4)}`, '/s/aB3dE5gH*'],
  ])('shows no whole id of other applications: %s', (_, message, shown) => {
    expect(maskSids(message)).toBe(shown);
  });

  it.each([
    '/var/backups/odoo-production-2026-11-27-0100/sessions',
    '/var/lib/kubelet/pods/6c84fb90-12c4-11e1-840d-7b25c5ee775a/volumes/sessions',
    '/srv/averylongdirectorynamewithoutdigits/sessions_of_the_whole_company',
    '/tmp/sess2redis-e2e-BeCL0G/sessions-vSRdam',
    'the tag v20261127120000 of 12345678901234567890123',
  ])('keeps the words of people: %s', (message) => {
    expect(maskSids(message)).toBe(message);
  });
});

describe('a path below directories that are made of the id', () => {
  it.each([
    [`0/1/sess_${HEX32}`, '0/1/sess_012345*'],
    [`01/23/45/67/${HEX32}`, '01/23/45/*/012345*'],
    [`01234567/89abcdef/${HEX32}`, '*/*/012345*'],
    [`0AB/1CD/_session_id%3A2%3A%3A${HEX32}`, '0AB/1CD/_session_id%3A2%3A%3A012345*'],
  ])('shows no more of it than its name does: %s', (path, shown) => {
    expect(maskPath(path, HEX32)).toBe(shown);
  });
});

describe('a path of a store whose id is not known', () => {
  it.each([
    ['0/1/sess_a_b', 2, '0/1/sess_a_b'],
    ['01234567/89abcdef/x', 2, '*/*/x'],
    ['012/345/678/x', 3, '012/345/*/x'],
    [`0/1/ci_session${HEX32}${HEX32}`, 2, '0/1/ci_ses*'],
    ['application/01234567/x', 1, 'application/*/x'],
    ['app/cache/x', 0, 'app/cache/x'],
  ])('shows no more of it than one that is known: %s', (path, levels, shown) => {
    expect(maskUnknown(path, levels)).toBe(shown);
  });
});
