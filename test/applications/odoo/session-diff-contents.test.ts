import { describe, expect, it } from 'vitest';
import { describeDiff, diffSessions } from '../../../src/applications/odoo/session-diff.js';
import { PyText } from '../../../src/python/values.js';
import { dictOf } from '../../support/python-notation.js';

const session = (members: Record<string, string | number | null>) => dictOf(Object.entries(members));

describe('what is told of a difference', () => {
  it.each<[string, Record<string, string | number | null>, Record<string, string | number | null>, string]>([
    ['another value', { uid: 7, db: 'shop' }, { uid: 8, db: 'shop' }, 'has another value of uid'],
    ['two of them', { uid: 7, db: 'a' }, { uid: 8, db: 'b' }, 'has another value of uid, db'],
    ['a key that is missing', { uid: 7, debug: '' }, { uid: 7 }, 'has no debug'],
    ['a key too many', { uid: 7 }, { uid: 7, _trace: 'x' }, 'has _trace besides'],
    [
      'all at once',
      { uid: 7, login: 'fake' },
      { uid: null, session_token: 'fake' },
      'has another value of uid; no login; session_token besides',
    ],
    ['a key of a module', { 'secret-module': 1 }, { 'secret-module': 2 }, 'has another value of 1 key'],
    ['keys of both', { uid: 1, x: 1, y: 1 }, { uid: 2, x: 2, y: 2 }, 'has another value of uid and 2 more keys'],
  ])("names Odoo's own keys and no content: %s", (_, file, redis, words) => {
    const found = diffSessions(session(file), session(redis));
    expect(found && describeDiff(found)).toBe(words);
  });

  it('is bounded', () => {
    const names = 'db uid login password session_token context debug geoip _geoip saved_actions'.split(' ');
    const [one, other] = [1, 2].map((value) => session(Object.fromEntries(names.map((name) => [name, value]))));
    const found = diffSessions(one as never, other as never);
    expect(found && describeDiff(found)).toBe(
      'has another value of db, uid, login, password, session_token, context and 4 more keys',
    );
  });

  it('is nothing where keys are Python 2 text in one session and unicode in the other', () => {
    expect(diffSessions(dictOf([[new PyText('uid'), 7]]), session({ uid: 7 }))).toBeNull();
    const found = diffSessions(dictOf([[new PyText('uid'), 7]]), session({ uid: 8 }));
    expect(found && describeDiff(found)).toBe('has another value of uid');
  });
});
