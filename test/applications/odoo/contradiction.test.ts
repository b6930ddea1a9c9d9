import { describe, expect, it } from 'vitest';
import {
  type ChosenReader,
  contradictionOf,
  prefixHint,
  prefixQuestion,
} from '../../../src/applications/odoo/contradiction.js';
import type { DetectedReader } from '../../../src/applications/odoo/detected-reader.js';

const CHOSEN: ChosenReader = { database: 0, key: { before: 'session:', after: '' }, encoding: 'c2c-json' };

const found = (known: Partial<DetectedReader> = {}): DetectedReader => ({
  ...{
    database: 0,
    profile: 'camptocamp',
    alternatives: [],
    prefix: '',
    keyTemplate: 'session:{sid}',
    encoding: 'json',
    longestLifeMs: null,
    longestAnonymousLifeMs: null,
    lifetimeMs: null,
    anonymousLifetimeMs: null,
    renewsOnRead: null,
  },
  ...{ sids: [40], keys: 100, sampled: 100, read: 20, decoded: 20, confidence: 'certain' },
  options: ['--profile', 'camptocamp'],
  ...known,
});

describe('a chosen reader', () => {
  it.each<[string, DetectedReader[], Partial<ChosenReader>]>([
    ['nothing is there', [], {}],
    ['such keys are there', [found()], {}],
    ['such keys are there among more others', [found({ keyTemplate: 'x{sid}', keys: 9999 }), found()], {}],
    ['two stray keys are there', [found({ keyTemplate: 'x{sid}', keys: 2 })], {}],
    ['others are a mere possibility', [found({ keyTemplate: 'x{sid}', confidence: 'possible' })], {}],
    ['values go over as they are', [found({ encoding: 'pickle' })], { encoding: 'verbatim' }],
    ['pickles are there and wanted', [found({ encoding: 'pickle' })], { encoding: 'pickle' }],
  ])('is in no contradiction when %s', (_, findings, chosen) => {
    expect(contradictionOf(findings, { ...CHOSEN, ...chosen })).toBeNull();
  });

  it.each<[string, Partial<DetectedReader>, Partial<ChosenReader>, RegExp]>([
    [
      'another prefix',
      { keyTemplate: 'session::a:{sid}' },
      {},
      /100 sessions as session::a:\{sid\} .*writes session:\{sid\}/,
    ],
    [
      'another database',
      { database: 3 },
      {},
      /^database 3 holds .* in database 0.*--profile camptocamp and database 3/,
    ],
    ['another encoding', { encoding: 'pickle' }, {}, /\(pickle\), but this run writes session:\{sid\} \(c2c-json\)/],
    ['JSON where pickles are written', {}, { encoding: 'pickle' }, /\(json\), but this run writes .* \(pickle\)/],
  ])('contradicts %s', (_, finding, chosen, sentence) => {
    expect(contradictionOf([found(finding)], { ...CHOSEN, ...chosen })).toMatch(sentence);
  });
});

describe('a run without a prefix', () => {
  const prefixed = (known: Partial<DetectedReader> = {}) =>
    found({ prefix: 'prod', keyTemplate: 'session:prod:{sid}', keys: 300, ...known });
  const ask = (...findings: DetectedReader[]) => prefixQuestion(findings, 'camptocamp', CHOSEN);

  it('is asked about many sessions that the same reader has under one', () => {
    expect(ask(prefixed())).toMatch(/some 300 sessions as session:prod:\{sid\}.*--prefix prod .*--prefix ''/);
  });

  it('is asked about the keys of a module where one of its releases was named', () => {
    for (const release of ['camptocamp-19', 'camptocamp-absolute', 'mangono-1.3']) {
      const finding = prefixed({ keyTemplate: 'session::prod:{sid}' });
      expect(prefixQuestion([finding], release, CHOSEN), release).toMatch(/--prefix prod /);
    }
    expect(prefixQuestion([prefixed({ keyTemplate: 'session::prod:{sid}' })], 'muk', CHOSEN)).toBeNull();
  });

  it('is not asked about few, about others, or where its own keys are there too', () => {
    expect(ask(prefixed({ keys: 20 }))).toBeNull();
    expect(ask(prefixed({ database: 1 }))).toBeNull();
    expect(ask(prefixed({ profile: 'muk', alternatives: [] }))).toBeNull();
    expect(ask(prefixed({ confidence: 'possible' }))).toBeNull();
    expect(ask(prefixed(), found({ keyTemplate: 'session:{sid}' }))).toBeNull();
  });
});

describe('a prefix under which there is nothing', () => {
  const chosen = { ...CHOSEN, key: { before: 'session::prdo:', after: '' } };
  const hint = (...findings: DetectedReader[]) => prefixHint(findings, 'camptocamp', chosen);

  it('is answered by the one under which there are some, however few, or none', () => {
    expect(hint(found({ prefix: "pro'd", keyTemplate: "session::pro'd:{sid}", keys: 20 }))).toBe(
      `no key is as session::prdo:{sid}, and some 20 sessions are there as session::pro'd:{sid}: say --prefix 'pro'\\''d' if ` +
        'these are meant',
    );
    expect(hint(found())).toMatch(/leave --prefix out/);
  });

  it('is not, where none of the reader is there in this database', () => {
    expect(hint()).toBeNull();
    expect(hint(found({ keys: 2 }))).toBeNull();
    expect(hint(found({ database: 1 }))).toBeNull();
    expect(hint(found({ profile: 'muk' }))).toBeNull();
  });
});
