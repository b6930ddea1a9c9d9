import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newStoreName, type StoreName } from '../../../src/applications/application.js';
import { isShard, kindOfSid, parseName, pathOf } from '../../../src/applications/odoo/layout.js';
import { flat, hashed, hex40, urlsafe84, urlsafe86 } from '../../support/samples.js';

const read = (path: string): StoreName =>
  parseName(path, { ...newStoreName(), kind: 'hex40', sid: 'left over', verdict: 'temp-file' });

const NO_SESSION = { kind: null, sid: '', verdict: 'foreign' };

describe('the name of a session', () => {
  it.each([
    ['flat of Odoo <= 15', flat(hex40(1)), { kind: 'hex40', sid: hex40(1), layout: 'flat' }],
    ['hashed of Odoo 16 and 17', hashed(hex40(2)), { kind: 'hex40', sid: hex40(2), layout: 'hashed' }],
    ['hashed of Odoo 18 and 19', hashed(urlsafe84(3)), { kind: 'urlsafe84', sid: urlsafe84(3), layout: 'hashed' }],
    ['hashed after Odoo 19', hashed(urlsafe86(4)), { kind: 'urlsafe86', sid: urlsafe86(4), layout: 'hashed' }],
    [
      'hashed with dashes in front',
      hashed('-_'.repeat(42)),
      { kind: 'urlsafe84', sid: '-_'.repeat(42), layout: 'hashed' },
    ],
    // Odoo's rule for a flat name is the sid's own; no release wrote these, and a reader that takes 84 would read them.
    ['flat with a long id', flat(urlsafe84(5)), { kind: 'urlsafe84', sid: urlsafe84(5), layout: 'flat' }],
  ])('is known: %s', (_what, path, wanted) => {
    expect(read(path)).toEqual({ ...wanted, verdict: 'session', reason: '' });
  });

  it.each([
    ['the bare sid in the root', hex40(1)],
    ['39 hex digits', flat(hex40(1).slice(1))],
    ['41 hex digits', flat(`${hex40(1)}a`)],
    ['capital hex digits', flat(hex40(1).toUpperCase().replace(/^\d/, 'A'))],
    ['85 characters', hashed(`${urlsafe84(1)}a`)],
    ['84 characters with a plus', hashed(`ab+${urlsafe84(1).slice(3)}`)],
    ['a line feed behind the sid', hashed(`${hex40(1)}\n`)],
    ['an upload parked beside sessions', `werkzeug_${hex40(1)}_${'0'.repeat(32)}.file`],
    ['a file that NFS keeps until it is closed', '.nfs000000000012345600000001'],
    ['a file that NFS keeps in a shard', 'ab/.nfs000000000012345600000001'],
    ['a shard that is not the start of the sid', `zz/${hex40(1)}`],
    ['a flat name in a shard', `we/${flat(hex40(1))}`],
    ['a flat name without its suffix', `werkzeug_${hex40(1)}`],
    ['a flat name without its prefix', `${hex40(1)}.sess`],
    ['an editor back-up', `${flat(hex40(1))}~`],
    ['a hidden file', '.DS_Store'],
    ['an empty sid', 'werkzeug_.sess'],
    ['prefix and suffix that overlap', 'werkzeug_sess'],
  ])('is not: %s', (_what, path) => {
    expect(read(path)).toMatchObject(NO_SESSION);
  });

  it.each([
    'tmpab12cd34.__wz_sess',
    'tmpab12cd34.__tx_sess__',
    'ab/tmpab12cd34.__wz_sess',
    'zz/tmpab12cd34.__tx_sess__',
  ])('is not, but that of a half-written save: %s', (path) => {
    expect(read(path)).toMatchObject({ kind: null, sid: '', verdict: 'temp-file' });
  });

  it('is not that of a half-written save when the suffix stands elsewhere', () => {
    for (const path of ['a.__wz_sess.bak', '__wz_sess', 'a__tx_sess__', 'a.__tx_sess']) {
      expect(read(path)).toMatchObject(NO_SESSION);
    }
  });

  it('is the path at which it was kept, for every layout and kind', () => {
    for (const sid of [hex40(7), urlsafe84(7), urlsafe86(7)]) {
      for (const layout of ['flat', 'hashed'] as const) {
        expect(read(pathOf(sid, layout))).toMatchObject({ sid, layout, kind: kindOfSid(sid) });
      }
    }
  });

  it('is never more than what the path says, whatever bytes are in it', () => {
    const part = fc.oneof(
      fc.constantFrom('werkzeug_', '.sess', '/', 'ab', hex40(1), urlsafe84(1), '.__wz_sess', '_', '\n'),
      fc.string({ unit: 'binary-ascii', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const path = parts.join('');
        const name = read(path);
        if (name.kind === null) expect(name.sid).toBe('');
        else expect(pathOf(name.sid, name.layout)).toBe(path);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a shard', () => {
  it('is a directory of two characters that a sid may start with', () => {
    for (const name of ['00', 'ff', '-x', '__', '--', 'Zz']) expect(isShard(name), name).toBe(true);
    for (const name of ['', 'a', 'abc', 'a.', '..', 'a\n', 'é', 'Ã©', 'lost+found'])
      expect(isShard(name), name).toBe(false);
  });
});
