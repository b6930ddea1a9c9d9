import { describe, expect, it } from 'vitest';
import { builtInTemplate } from '../../src/applications/built-in.js';
import { type LiveKey, matchKeys } from '../../src/applications/match-keys.js';
import { b, fixtures } from './content.js';

const TEMPLATES =
  `php laravel magento openmage symfony codeigniter codeigniter3 express opencart gitea adonis django django-cache
  thinkphp moodle nextcloud phpmyadmin cakephp laminas beego`
    .split(/\s+/)
    .map(builtInTemplate);

const HEX32 = 'd41d8cd98f00b204e9800998ecf8427e';
const SID = HEX32.slice(0, 26);
const ALNUM40 = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCd';
const EXPRESS = fixtures('express')[0]?.bytes.toString('latin1') as string;
const DJANGO = fixtures('django')[0]?.bytes.toString('latin1') as string;
const wrapped = (text: string) => `s:${text.length}:"${text}";`;
const string = (key: string, value: string): LiveKey => ({ key, value: b(value) });
const LARAVEL = wrapped('a:1:{s:6:"_token";s:1:"x";}');

describe('live keys', () => {
  it.each([
    ['laravel_cache:', '', 'laravel_cache:'],
    ['laravel_database_laravel_cache:', 'laravel_database_', 'laravel_cache:'],
    ['laravel_database_laravel_cache_:', 'laravel_database_', 'laravel_cache_:'],
    ['laravel_database_laravel_cache_', 'laravel_database_', 'laravel_cache_'],
    ['laravel-database-laravel-cache-', 'laravel-database-', 'laravel-cache-'],
    ['my_shop_database_', 'my_shop_database_', ''],
  ])("show Laravel's two prefixes: %s", (before, client, store) => {
    expect(matchKeys([string(`${before}${ALNUM40}`, LARAVEL)], TEMPLATES)).toEqual([
      { application: 'laravel', values: { 'client-prefix': client, 'store-prefix': store }, count: 1, hasSigns: true },
    ]);
  });

  it.each([
    [`PHPREDIS_SESSION:${SID}`, 'a|i:1;', 'php', { prefix: 'PHPREDIS_SESSION:' }],
    [`my:${SID}`, 'a|i:1;', 'php', { prefix: 'my:' }],
    [`sf_s${SID}`, '_sf2_meta|a:0:{}', 'symfony', { prefix: 'sf_s' }],
    [
      `ci_session:shop:${HEX32}`,
      '__ci_last_regenerate|i:1;',
      'codeigniter',
      { prefix: 'ci_session:shop:', 'cookie-name': 'shop' },
    ],
    [`ci_session:${HEX32}`, '__ci_last_regenerate|i:1;', 'codeigniter3', { prefix: 'ci_session:' }],
    [`oc_.session.${SID}`, '{"language":"en-gb"}', 'opencart', { 'cache-prefix': 'oc_' }],
    ['sess:lAgQ7Vp38NKnrz9LoBDa_3-4AbCdEfGh', EXPRESS, 'express', { prefix: 'sess:' }],
    [`session:${HEX32}`, DJANGO, 'django', { prefix: 'session:' }],
    [SID, wrapped('USER|O:8:"stdClass":1:{s:2:"id";i:5;}'), 'moodle', { prefix: '' }],
    [`PHPREDIS_SESSION:${SID}`, 'encrypted_session_data|s:1:"x";', 'nextcloud', { prefix: 'PHPREDIS_SESSION:' }],
  ])('%s is of %s', (key, value, application, values) => {
    expect(matchKeys([string(key, value)], TEMPLATES)).toEqual([
      expect.objectContaining({ application, values, count: 1 }),
    ]);
  });

  it('show a prefix that could be the beginning of ids, when there are several', () => {
    const keys = ['0', '4', '9'].map((digit) => string(`shop${digit}${SID}`, 'a|i:1;'));
    expect(matchKeys(keys, TEMPLATES)).toEqual([
      { application: 'php', values: { prefix: 'shop' }, count: 3, hasSigns: false },
    ]);
  });

  it('are a hash where Magento has one', () => {
    const value = new Map([
      ['data', b('_session_hosts|a:0:{}')],
      ['writes', b('7')],
    ]);
    expect(matchKeys([{ key: `sess_${SID}`, value }], TEMPLATES)).toEqual([
      expect.objectContaining({ application: 'magento', values: {}, count: 1, hasSigns: true }),
    ]);
  });

  it.each([
    ['a lock', string(`PHPREDIS_SESSION:${SID}_LOCK`, 'host|1')],
    ['an unwrapped session of Laravel', string(`laravel_cache:${ALNUM40}`, 'a:1:{s:6:"_tok')],
    ['a hash of another kind', { key: `sess_${SID}`, value: new Map([['x', b('1')]]) }],
    ['a counter', string('visits:2026', '17')],
    ['a key of kilobytes', string('x'.repeat(5000), 'a|i:1;')],
  ])('are nothing that is known: %s', (_, key) => {
    expect(matchKeys([key], TEMPLATES)).toEqual([]);
  });

  it('of two applications are two findings, the larger first', () => {
    const laravel = [
      string(`a_database_c:${ALNUM40}`, LARAVEL),
      string(`a_database_c:${[...ALNUM40].reverse().join('')}`, LARAVEL),
    ];
    const found = matchKeys([string(`PHPREDIS_SESSION:${SID}`, 'a|i:1;'), ...laravel], TEMPLATES);
    expect(found.map(({ application, count }) => [application, count])).toEqual([
      ['laravel', 2],
      ['php', 1],
    ]);
  });
});
