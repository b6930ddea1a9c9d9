import { describe, expect, it } from 'vitest';
import { keyFormsOf, splitsOf } from '../../../src/applications/odoo/key-splits.js';
import { hex40, urlsafe84, urlsafe86 } from '../../support/samples.js';

const SID40 = hex40(1);
const SID84 = urlsafe84(1);
const SID86 = urlsafe86(1);

describe('a key', () => {
  it.each<[string, string[]]>([
    [`session:${SID40}`, ['session:|hex40|']],
    [SID40, ['|hex40|']],
    [`sessionb'${SID40}'`, ["sessionb'|hex40|'"]],
    [`erp_session_${SID40}`, ['erp_session_|hex40|']],
    [`face${SID40}`, ['face|hex40|']],
    [`session::shop:${SID84}`, ['session::shop:|urlsafe84|']],
    [`odoo/p/${SID84}!`, ['odoo/p/|urlsafe84|!']],
    [`session:${SID86}`, [`session:${SID86.slice(0, 2)}|urlsafe84|`, 'session:|urlsafe86|']],
    [`a:${hex40(2)}:b:${SID40}:meta`, [`a:${hex40(2)}:b:|hex40|:meta`]],
    ['session:', []],
    ['user:12', []],
    [`cache:${SID40.slice(1)}`, []],
    [`x:${SID40.toUpperCase()}`, []],
    ['a'.repeat(70).replace(/a/g, 'z'), []],
  ])('%s may be cut in so many ways', (key, ways) => {
    expect(splitsOf(key).map(({ before, kind, after }) => `${before}|${kind}|${after}`)).toEqual(ways);
  });
});

const shown = (keys: string[]) =>
  keyFormsOf(keys).map(({ before, after, kinds, keys: own }) => [
    `${before}{sid}${after}`,
    [...kinds].sort().join(),
    own.length,
  ]);
const many = <T>(make: (n: number) => T, count = 20): T[] => Array.from({ length: count }, (_, n) => make(n));

describe('keys', () => {
  it.each<[string, string[], [string, string, number][]]>([
    ['of one reader', many((n) => `session:${hex40(n)}`), [['session:{sid}', 'hex40', 20]]],
    ['with ids of 86 characters', many((n) => `session:${urlsafe86(n)}`), [['session:{sid}', 'urlsafe86', 20]]],
    ['with a prefix that runs into the id', many((n) => `xy${urlsafe84(n)}`), [['xy{sid}', 'urlsafe84', 20]]],
    ['with a longer one', many((n) => `erp_session_${urlsafe86(n)}`), [['erp_session_{sid}', 'urlsafe86', 20]]],
    [
      'of an upgraded Odoo',
      [...many((n) => `session:${hex40(n)}`), ...many((n) => `session:${urlsafe84(n)}`, 10)],
      [['session:{sid}', 'hex40,urlsafe84', 30]],
    ],
    [
      'of two tenants, the bigger first',
      [...many((n) => `session::a:${hex40(n)}`, 5), ...many((n) => `session::b:${urlsafe84(n)}`, 9)],
      [
        ['session::b:{sid}', 'urlsafe84', 9],
        ['session::a:{sid}', 'hex40', 5],
      ],
    ],
    ['one alone, of 86', [`session:${SID86}`], [['session:{sid}', 'urlsafe86', 1]]],
    ['none', ['a', 'b'], []],
  ])('are grouped: %s', (_, keys, templates) => {
    expect(shown(keys)).toEqual(templates);
  });
});
