import { describe, expect, it } from 'vitest';
import type { Policy } from '../../src/applications/odoo/plan.js';
import type { ValueEncoding } from '../../src/applications/odoo/profile.js';
import { type ExportSettings, FileMaker } from '../../src/export/make-file.js';
import type { StoredKey } from '../../src/redis/reader.js';
import { PICKLE, PICKLE_WITH_BYTES } from '../support/memory-store.js';
import {
  DAY,
  fileEncoderFor,
  HOUR,
  hex40,
  jsonSession,
  NOW,
  ODOO,
  policyOf,
  urlsafe84,
  urlsafe86,
} from '../support/samples.js';

interface Chosen extends Partial<ExportSettings> {
  encoding?: ValueEncoding;
  policy?: Policy;
}

function journeyOf(odoo: string, { encoding = 'c2c-json', policy = policyOf(), ...settings }: Chosen = {}): FileMaker {
  return new FileMaker({
    application: ODOO,
    encoder: fileEncoderFor(odoo, { policy, reader: { encoding, pickleProtocol: 4, oldestVerbatimProtocol: 0 } }),
    key: { before: 'session:', after: '' },
    maxValueBytes: 2 ** 20,
    shard: null,
    ...settings,
  });
}

const heldOf = (value: string | Buffer | null, more: Partial<StoredKey> = {}): StoredKey => ({
  value: value === null ? null : Buffer.from(value),
  isOtherType: false,
  expiryMs: NOW + DAY,
  slackMs: 0,
  ...more,
});

describe('a key', () => {
  it.each([
    ['12', hex40(1), null],
    ['17', hex40(1), null],
    ['18', hex40(1), 'dead'],
    ['19', urlsafe84(1), null],
    ['master', urlsafe84(1), null],
    ['master', urlsafe86(1), null],
    ['19', urlsafe86(1), 'dead'],
    ['17', urlsafe84(1), 'dead'],
    ['12', `:shop:${hex40(1)}`, 'foreign'],
    ['12', hex40(1).toUpperCase(), 'foreign'],
    ['12', '', 'foreign'],
  ])('for Odoo %s with the id %s is %s by its name', (odoo, sid, outcome) => {
    const journey = journeyOf(odoo);
    expect(journey.name(`session:${sid}`)).toBe(outcome);
    if (outcome !== 'foreign') expect(journey.sid).toBe(sid);
  });

  it('is one only between both ends of the template', () => {
    const journey = journeyOf('12', { key: { before: 'é/', after: '!' } });
    expect(journey.name(`é/${hex40(1)}!`)).toBeNull();
    for (const key of [`e/${hex40(1)}!`, `é/${hex40(1)}?`, hex40(1), `é/!`]) expect(journey.name(key)).toBe('foreign');
  });

  it('is of one shard only', () => {
    const outcomes = [0, 1].map((index) => journeyOf('12', { shard: { index, of: 2 } }).name(`session:${hex40(1)}`));
    expect(outcomes.sort()).toEqual(['other-shard', null].sort());
  });
});

describe('a value', () => {
  const outcomeOf = (held: StoredKey, settings: Chosen = {}, odoo = '12') => {
    const journey = journeyOf(odoo, settings);
    journey.name(`session:${hex40(1)}`);
    return { outcome: journey.take(held, NOW), journey };
  };

  it('becomes a file, saved when its expiry says', () => {
    const { outcome, journey } = outcomeOf(heldOf(jsonSession()), {}, '18');
    expect(outcome).toBeNull();
    expect(journey.file.toString()).toBe(jsonSession());
    expect(journey.saved).toEqual({ ms: NOW - 6 * DAY, certainty: 'exact', slackMs: 0 });
  });

  const rotated = jsonSession({ deletion_time: NOW / 1000 });
  it.each<[string, StoredKey, Chosen, string]>([
    ['that is gone', heldOf(null), {}, 'vanished'],
    ['that is a list', heldOf(null, { isOtherType: true }), {}, 'foreign'],
    ['of no bytes', heldOf(''), {}, 'empty'],
    ['past its time', heldOf(jsonSession(), { expiryMs: NOW }), {}, 'expired'],
    ['past its time, of an endless life', heldOf(jsonSession({ expiration: 1e15 }), { expiryMs: NOW }), {}, 'expired'],
    ['of a rotated session', heldOf(rotated), {}, 'rotated'],
    ['of a report', heldOf(jsonSession({ _trace_disable: true })), {}, 'report-clone'],
    ['of another database', heldOf(jsonSession()), { policy: policyOf({ databases: ['other'] }) }, 'other-db'],
    ['of a visitor', heldOf('{}', { expiryMs: NOW + HOUR }), { policy: policyOf({ anonymous: 'skip' }) }, 'anonymous'],
    ['of an old save', heldOf(jsonSession()), { policy: policyOf({ maxAgeMs: DAY }) }, 'older'],
    ['that is cut off', heldOf('{"uid": 7'), {}, 'malformed'],
    ['that is no object', heldOf('[]'), {}, 'malformed'],
    ['that is a pickle for a JSON reader', heldOf(PICKLE), {}, 'malformed'],
    ['that is JSON for a pickle reader', heldOf(jsonSession()), { encoding: 'pickle' }, 'malformed'],
    ['that is larger than allowed', heldOf(jsonSession()), { maxValueBytes: 10 }, 'too-large'],
  ])('%s has its outcome', (_, held, settings, outcome) => {
    expect(outcomeOf(held, settings).outcome).toBe(outcome);
  });

  it('with a type that the file cannot have is told by its type', () => {
    const { outcome, journey } = outcomeOf(heldOf(PICKLE_WITH_BYTES), { encoding: 'pickle' }, '18');
    expect(outcome).toBe('unsupported');
    const note = journey.note(`session:${urlsafe84(1)}`, 'unsupported');
    const reason = 'JSON cannot hold a bytes: member b';
    expect(note).toMatchObject({ source: 0, outcome: 'unsupported', reason, offset: -1 });
    expect(note.path).toBe(`session:${urlsafe84(1).slice(0, 8)}*`);
  });

  it('of either format is taken from a reader that stores files as they are', () => {
    for (const value of [PICKLE, jsonSession()]) {
      expect(outcomeOf(heldOf(value), { encoding: 'verbatim' }).outcome).toBeNull();
    }
  });

  it('is a reject by itself: the next one is not', () => {
    const { journey } = outcomeOf(heldOf('{"uid": 7, "x": }'));
    expect(journey.offset).toBe(16);
    expect(journey.take(heldOf(jsonSession()), NOW)).toBeNull();
  });
});
