import { describe, expect, it } from 'vitest';
import type { FileSettings } from '../../src/intake/settings.js';
import { FileIntake } from '../../src/intake/take-file.js';
import { OUTCOMES, type Outcome } from '../../src/session.js';
import type { FileSystem } from '../../src/system/file-system.js';
import { journeyOf, PICKLE, PICKLE_WITH_BYTES, PICKLE_WITH_SET, textOf } from '../support/memory-store.js';
import {
  DAY,
  flat,
  HOUR,
  hashed,
  hex40,
  jsonSession,
  NOW,
  odooOf,
  policyOf,
  settingsOf,
  urlsafe84,
  urlsafe86,
} from '../support/samples.js';

/** The outcome of one session file with such a content. */
function outcomeOf(
  content: string | Buffer,
  settings: Partial<FileSettings> = {},
  path = hashed(urlsafe84(1)),
): Outcome | null {
  return journeyOf({ [path]: content }, settings).take(0, path, true, NOW);
}

describe('the journey of an entry', () => {
  it('ends with the value and its expiry', () => {
    const path = hashed(urlsafe84(1));
    const journey = journeyOf({ [path]: jsonSession() });
    expect(journey.take(0, path, true, NOW)).toBeNull();
    expect([textOf(journey), journey.expiryMs]).toEqual([jsonSession(), NOW - HOUR + 7 * DAY]);
    expect(journey.name).toMatchObject({ sid: urlsafe84(1), kind: 'urlsafe84' });
  });

  it.each<[string, number, number]>([
    ['was saved after its chunk began gets its whole life', NOW + 500, NOW - HOUR],
    ['has a time that has not come lives from now on', NOW - 2 * HOUR, NOW - 2 * HOUR],
  ])('whose file %s', (_, clockMs, savedMs) => {
    const path = hashed(urlsafe84(1));
    const journey = journeyOf({ [path]: jsonSession() }, {}, () => clockMs);
    expect(journey.take(0, path, true, NOW - 3 * HOUR)).toBeNull();
    expect(journey.expiryMs).toBe(savedMs + 7 * DAY);
  });

  it.each<[string, Outcome, string | Buffer, Partial<FileSettings>?]>([
    [
      'a visitor after three hours',
      'expired',
      jsonSession({ uid: null }),
      { application: { odoo: odooOf({ policy: policyOf({ anonymousLifetimeMs: HOUR }) }) } },
    ],
    [
      'a visitor, when they are not wanted',
      'anonymous',
      jsonSession({ uid: null }),
      { application: { odoo: odooOf({ policy: policyOf({ anonymous: 'skip' }) }) } },
    ],
    [
      'an old one, when it is not wanted',
      'older',
      jsonSession(),
      { application: { odoo: odooOf({ policy: policyOf({ maxAgeMs: HOUR - 1 }) }) } },
    ],
    [
      'one of another database',
      'other-db',
      jsonSession(),
      { application: { odoo: odooOf({ policy: policyOf({ databases: ['test'] }) }) } },
    ],
    ['one that Odoo replaced', 'rotated', jsonSession({ deletion_time: NOW / 1000 - 1 })],
    ['the clone of a report', 'report-clone', jsonSession({ _trace_disable: true })],
    ['one of another part', 'other-shard', jsonSession(), { shard: { index: -1, of: 2 } }],
    [
      'one that the reader never accepts',
      'dead',
      jsonSession(),
      { application: { odoo: odooOf({ sids: ['hex40'] }) } },
    ],
    ['nothing', 'empty', ''],
    ['text', 'malformed', 'hello'],
    ['half a session', 'malformed', jsonSession().slice(0, 20)],
    ['a pickle of what a reader of JSON cannot have', 'unsupported', PICKLE_WITH_BYTES],
    [
      'a pickled set for a reader of plain JSON',
      'unsupported',
      PICKLE_WITH_SET,
      { application: { odoo: odooOf({ reader: { ...odooOf().reader, encoding: 'json' } }) } },
    ],
    ['more than the cap', 'too-large', jsonSession(), { maxFileBytes: 20 }],
  ])('of %s is %s', (_what, outcome, content, settings) => {
    expect(outcomeOf(content, settings)).toBe(outcome);
  });

  it.each([
    ['tmpabcdefgh.__wz_sess', true, 'temp-file'],
    ['ab/tmpabcdefgh.__tx_sess__', true, 'temp-file'],
    [`werkzeug_${hex40(1)}_${'0'.repeat(32)}.file`, true, 'foreign'],
    [`zz/${hex40(1)}`, true, 'foreign'],
    [hashed(urlsafe84(1)), false, 'foreign'],
    ['tmpabcdefgh.__wz_sess', false, 'foreign'],
    [hashed(urlsafe86(1)), true, 'dead'],
    [hashed(urlsafe84(9)), true, 'vanished'],
  ] as const)(
    'of %s (may be a file: %s) is %s, and no file is opened before that is known',
    (path, mayBeFile, outcome) => {
      expect(journeyOf({}).take(0, path, mayBeFile, NOW)).toBe(outcome);
      if (outcome === 'vanished') return;
      const closed = { openSync: () => expect.unreachable() } as unknown as FileSystem;
      expect(new FileIntake(closed, settingsOf()).take(0, path, mayBeFile, NOW)).toBe(outcome);
    },
  );

  it('that cannot be carried over names the member that stands in the way, and later ones do not inherit it', () => {
    const paths = [hashed(urlsafe84(1)), hashed(urlsafe84(2))] as const;
    const journey = journeyOf({ [paths[0]]: PICKLE_WITH_BYTES, [paths[1]]: 'hello' });
    const [first, second] = paths.map((path) => journey.note(0, path, journey.take(0, path, true, NOW) as Outcome));
    expect(first?.member).toMatch(/^[\x20-\x7e]+$/);
    expect(first?.reason).toContain(`: member ${first?.member}`);
    expect(second).not.toHaveProperty('member');
  });

  it('leads to one outcome for everything that a directory may hold', () => {
    const files: Record<string, string | Buffer> = {
      [hashed(urlsafe84(1))]: jsonSession(),
      [hashed(urlsafe86(2))]: jsonSession(),
      [flat(hex40(3))]: PICKLE,
      [flat(hex40(4))]: 'x',
      [hashed(urlsafe84(5))]: '',
      'tmpabcdefgh.__wz_sess': 'x',
      README: 'x',
    };
    const journey = journeyOf(files);
    const known = new Set<Outcome | null>([null, ...OUTCOMES.map(([outcome]) => outcome)]);
    for (const path of Object.keys(files)) expect(known).toContain(journey.take(0, path, true, NOW));
  });

  it('carries nothing over from the entry before', () => {
    const [one, two, broken, clone] = [1, 2, 3, 4].map((n) => hashed(urlsafe84(n))) as [string, string, string, string];
    const journey = journeyOf({
      [one]: jsonSession({
        deletion_time: NOW / 1000 + 60,
        expiration: 30_000,
        sale_order_id: 5,
        _trace: [],
        create_time: 1,
      }),
      [two]: '{"db": "test", "context": {}}',
      [broken]: '{"uid": 7, "db": "shop", "expiration": 99, "x',
      [clone]: jsonSession({ _trace_disable: true }),
    });
    journey.take(0, one, true, NOW);
    expect(journey.expiryMs).toBe(NOW + 60_000);
    for (const before of [one, broken, clone, 'README', hashed(urlsafe84(99))]) {
      journey.take(0, before, true, NOW);
      expect(journey.take(0, two, true, NOW)).toBeNull();
      expect(journey.expiryMs).toBe(NOW + 2 * HOUR);
      expect(journey.facts).toMatchObject({ db: 'test', isAuthenticated: false, hasCart: false, hasTrace: false });
    }
  });

  it('keeps databases apart whose names are as long as each other, file after file', () => {
    const files = Object.fromEntries(
      ['shop', 'test', 'shop', 'demo', 'test'].map((db, n) => [hashed(urlsafe84(n)), jsonSession({ db })]),
    );
    const journey = journeyOf(files, { application: { odoo: odooOf({ policy: policyOf({ databases: ['test'] }) }) } });
    const outcomes = Object.keys(files).map((path) => journey.take(0, path, true, NOW));
    expect(outcomes).toEqual(['other-db', null, 'other-db', 'other-db', null]);
  });
});
