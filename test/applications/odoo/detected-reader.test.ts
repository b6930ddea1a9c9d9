import { describe, expect, it } from 'vitest';
import { type DetectedReader, detectedReaderOf } from '../../../src/applications/odoo/detected-reader.js';
import { keyFormsOf } from '../../../src/applications/odoo/key-splits.js';
import { formatsOf, type ValueFormats } from '../../../src/applications/odoo/match-profile.js';
import { encodePickle } from '../../../src/python/pickle/write.js';
import { ByteSink } from '../../../src/python/sink.js';
import { PyDict } from '../../../src/python/values.js';
import { DAY, HOUR, hex40, jsonSession, urlsafe84, urlsafe86 } from '../../support/samples.js';

function pickled(protocol: 2 | 4 | 5, key = 'uid'): Buffer {
  const session = new PyDict();
  session.set(key, 7);
  const sink = new ByteSink(100, 1000);
  encodePickle(session, protocol, sink);
  return Buffer.from(sink.view());
}

/** {'uid': 7} as Python 2 pickles it by default. */
const PROTOCOL_0 = Buffer.from("(dp0\nS'uid'\np1\nI7\ns.");
const JSON_VALUE = Buffer.from(jsonSession());

describe('values', () => {
  it.each<[string, (Buffer | null)[], Partial<ValueFormats>]>([
    ['sessions in JSON', [JSON_VALUE, JSON_VALUE], { seen: 2, json: 2, pickle: 0, highestProtocol: -1 }],
    ['sessions in pickle', [pickled(2), pickled(4)], { pickle: 2, lowestProtocol: 2, highestProtocol: 4 }],
    ['sessions of Python 2', [PROTOCOL_0], { pickle: 1, lowestProtocol: 1, highestProtocol: 1 }],
    ['gone, or of another type', [null, JSON_VALUE], { seen: 1, json: 1 }],
    [
      'no sessions',
      [Buffer.from('{"a": 1}'), Buffer.from('x'), Buffer.alloc(0), pickled(4, 'a')],
      { seen: 4, json: 0, pickle: 0 },
    ],
    ['broken', [JSON_VALUE.subarray(0, 20), pickled(5).subarray(0, 8)], { seen: 2, json: 0, pickle: 0 }],
  ])('are told: %s', (_, values, formats) => {
    expect(formatsOf(values)).toMatchObject(formats);
  });
});

/** What is found where `count` keys of a kind hold `value`. */
function find(key: (n: number) => string, value: Buffer | null, database = 0, count = 20, livesMs: number[] = []) {
  const keys = Array.from({ length: count }, (_, n) => key(n));
  const [template] = keyFormsOf(keys);
  if (template === undefined) throw new Error('no template');
  return detectedReaderOf(
    template,
    formatsOf(
      keys.map(() => value),
      livesMs,
    ),
    database,
    2,
  );
}

describe('a finding', () => {
  it.each<[string, (n: number) => string, Buffer, number, string, string[]]>([
    ['camptocamp', (n) => `session:${hex40(n)}`, JSON_VALUE, 0, 'certain', ['--profile', 'camptocamp']],
    [
      'camptocamp in another database',
      (n) => `session:${urlsafe84(n)}`,
      JSON_VALUE,
      5,
      'certain',
      ['--profile', 'camptocamp'],
    ],
    [
      'camptocamp with a prefix',
      (n) => `session::my:shop:${hex40(n)}`,
      JSON_VALUE,
      0,
      'certain',
      ['--profile', 'camptocamp', '--prefix', 'my:shop'],
    ],
    ['camptocamp-7', (n) => `session:${hex40(n)}`, pickled(2), 0, 'likely', ['--profile', 'camptocamp-7']],
    [
      'camptocamp-7 with a prefix',
      (n) => `session::p:${hex40(n)}`,
      pickled(2),
      0,
      'certain',
      ['--profile', 'camptocamp-7', '--prefix', 'p'],
    ],
    ['keerati', (n) => `session:${hex40(n)}`, PROTOCOL_0, 0, 'likely', ['--profile', 'keerati']],
    ['smile', (n) => hex40(n), PROTOCOL_0, 1, 'likely', ['--profile', 'smile']],
    ['smile of Python 3', (n) => hex40(n), pickled(4), 1, 'likely', ['--profile', 'smile']],
    ['muk', (n) => `odoo_${urlsafe84(n)}`, pickled(5), 1, 'certain', ['--profile', 'muk', '--prefix', 'odoo_']],
    [
      'muk with short ids',
      (n) => `odoo_${hex40(n)}`,
      pickled(5),
      1,
      'certain',
      ['--profile', 'muk', '--prefix', 'odoo_'],
    ],
    [
      'the prefix of the README, which no camptocamp reads',
      (n) => `session:shop:${hex40(n)}`,
      JSON_VALUE,
      0,
      'certain',
      ['--profile', 'generic', '--key-template', 'session:shop:{sid}', '--encoding', 'json'],
    ],
    [
      "a Python 3 slip: sessionb''",
      (n) => `sessionb'${hex40(n)}'`,
      JSON_VALUE,
      0,
      'certain',
      ['--profile', 'generic', '--key-template', "sessionb'{sid}'", '--encoding', 'json'],
    ],
    [
      'ids that no profile takes',
      (n) => `odoo:session:${urlsafe86(n)}`,
      pickled(5),
      0,
      'certain',
      ['--profile', 'generic', '--key-template', 'odoo:session:{sid}', '--encoding', 'pickle'],
    ],
  ])('names %s', (_, key, value, database, confidence, options) => {
    const finding = find(key, value, database);
    expect(finding).toMatchObject({ database, confidence, options, keys: 40, sampled: 20, read: 20, decoded: 20 });
  });

  it.each<[string, (n: number) => string, Buffer, number, number, number, boolean]>([
    ['camptocamp', (n) => `session:${urlsafe84(n)}`, JSON_VALUE, 0, 7 * DAY, 3 * HOUR, false],
    ['camptocamp', (n) => `session:${urlsafe86(n)}`, JSON_VALUE, 0, 7 * DAY, 3 * HOUR, false],
    ['odoo_redis_session', (n) => `odoo:session:${urlsafe84(n)}`, JSON_VALUE, 0, 7 * DAY, 120_000, true],
    ['odoo_redis_session', (n) => `shop:session:${urlsafe84(n)}`, JSON_VALUE, 0, 7 * DAY, 120_000, true],
    ['cb_redis', (n) => urlsafe84(n), JSON_VALUE, 1, 7 * DAY, 7 * DAY, true],
    ['cb_redis', (n) => `shop:${urlsafe84(n)}`, JSON_VALUE, 1, 7 * DAY, 7 * DAY, true],
    ['sidecar', (n) => `odoo_session:${urlsafe84(n)}`, pickled(4), 0, 7 * DAY, 3 * HOUR, false],
    ['muk', (n) => `odoo_${urlsafe84(n)}`, pickled(5), 1, 7 * DAY, 7 * DAY, true],
  ])('says how long %s lets sessions live, and what renews them', (profile, key, value, database, ...rest) => {
    const [lifetimeMs, anonymousLifetimeMs, renewsOnRead] = rest;
    expect(find(key, value, database)).toMatchObject({ profile, lifetimeMs, anonymousLifetimeMs, renewsOnRead });
  });

  it.each<[string, (n: number) => string, Buffer, number, Partial<DetectedReader>]>([
    [
      'mangono 1.3 by logins of nearly three days',
      (n) => `session:${urlsafe84(n)}`,
      JSON_VALUE,
      3 * DAY - HOUR,
      { profile: 'mangono-1.3', alternatives: ['camptocamp'], confidence: 'likely', lifetimeMs: 3 * DAY },
    ],
    [
      'camptocamp by one of more than three days',
      (n) => `session:${urlsafe84(n)}`,
      JSON_VALUE,
      3 * DAY + HOUR,
      { profile: 'camptocamp', alternatives: ['mangono-1.3'], confidence: 'certain' },
    ],
    [
      'the usual one where all are short',
      (n) => `session:${urlsafe84(n)}`,
      JSON_VALUE,
      DAY,
      { profile: 'camptocamp', alternatives: ['mangono-1.3'] },
    ],
    [
      'ab_redis_session by nearly a day',
      (n) => `odoo_session:${urlsafe84(n)}`,
      pickled(4),
      DAY - HOUR,
      { profile: 'ab_redis_session', alternatives: ['sidecar'], confidence: 'likely' },
    ],
    [
      'the sidecar by more than a day',
      (n) => `odoo_session:${urlsafe84(n)}`,
      pickled(4),
      DAY + HOUR,
      { profile: 'sidecar', alternatives: ['ab_redis_session'] },
    ],
    [
      'no reader for certain that would give less',
      (n) => `session:${hex40(n)}`,
      JSON_VALUE,
      30 * DAY,
      { profile: 'camptocamp', confidence: 'likely', longestLifeMs: 30 * DAY, longestAnonymousLifeMs: null },
    ],
  ])('tells readers by what is left of lives: %s', (_, key, value, longestMs, known) => {
    const livesMs = Array.from({ length: 20 }, (_, n) => longestMs - n * 1000);
    expect(find(key, value, 0, 20, livesMs)).toMatchObject(known);
  });

  it('leaves keys that only resemble a known reader to the generic profile, without lifetimes', () => {
    const unknown = { profile: 'generic', lifetimeMs: null, anonymousLifetimeMs: null, renewsOnRead: null };
    expect(find((n) => `erp_session_${urlsafe84(n)}`, JSON_VALUE, 1)).toMatchObject(unknown);
    expect(find((n) => `shop:${urlsafe84(n)}`, JSON_VALUE, 0)).toMatchObject(unknown);
    expect(find((n) => `shop:${urlsafe86(n)}`, pickled(4), 0)).toMatchObject(unknown);
  });

  it('names the others that read the same', () => {
    expect(find((n) => `session:${hex40(n)}`, JSON_VALUE)?.alternatives).toEqual(['mangono']);
    expect(find((n) => `session:${hex40(n)}`, PROTOCOL_0)?.alternatives).toEqual(['camptocamp-7']);
    expect(find((n) => hex40(n), pickled(4), 1)?.alternatives).toEqual(['muk']);
    expect(find((n) => urlsafe84(n), pickled(4), 1)?.alternatives).toEqual([]);
    expect(find((n) => `session:${urlsafe84(n)}`, JSON_VALUE)?.alternatives).toEqual(['mangono-1.3']);
  });

  it('is none where the values are no sessions, and only possible where they may not be read', () => {
    expect(find((n) => `cache:${hex40(n)}`, Buffer.from('x'))).toBeNull();
    expect(find((n) => `session:${hex40(n)}`, null)).toMatchObject({
      ...{ confidence: 'possible', profile: 'camptocamp', encoding: null, read: 0 },
      alternatives: expect.arrayContaining(['camptocamp-7', 'keerati']),
    });
    expect(find((n) => `x'${urlsafe86(n)}`, null)?.options).toEqual([
      '--profile',
      'generic',
      '--key-template',
      "x'{sid}",
    ]);
    expect(find((n) => `session:${hex40(n)}`, JSON_VALUE, 0, 3)).toMatchObject({ confidence: 'likely' });
  });

  it('shows no session id, also where one stands in front of another', () => {
    const finding = find((n) => `map:${urlsafe84(99)}:${hex40(n)}`, JSON_VALUE);
    expect(JSON.stringify(finding)).not.toContain(urlsafe84(99).slice(0, 9));
    expect(find((n) => `é:${hex40(n)}`, JSON_VALUE)?.keyTemplate).toBe(Buffer.from('é:{sid}', 'latin1').toString());
  });
});
