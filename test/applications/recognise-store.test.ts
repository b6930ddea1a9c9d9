import { describe, expect, it } from 'vitest';
import { builtInTemplate } from '../../src/applications/built-in.js';
import { recogniseStore, type SampledFile } from '../../src/applications/recognise-store.js';
import { b, fixtures } from './content.js';

/** As the ranking has them: the most used first. */
const TEMPLATES =
  `php laravel magento openmage symfony codeigniter codeigniter3 express opencart gitea adonis django django-cache
  thinkphp yii moodle nextcloud phpmyadmin cakephp laminas beego flask rails`
    .split(/\s+/)
    .map(builtInTemplate);

const HEX32 = 'd41d8cd98f00b204e9800998ecf8427e';
const SID = HEX32.slice(0, 26);

const sample = (path: string, text: string | Buffer, ownerUid = 33): SampledFile => ({
  path,
  ownerUid,
  head: typeof text === 'string' ? b(text) : text,
});
const look = (...samples: SampledFile[]) => recogniseStore(samples, TEMPLATES);

describe('a directory is recognised', () => {
  it.each([
    [`sess_${SID}`, '_sf2_attributes|a:0:{}_sf2_meta|a:1:{s:1:"u";i:1;}', 'symfony', 'sure', []],
    [`sess_${SID}`, '_session_validator_data|a:0:{}', 'openmage', 'sure', []],
    [`sess_${SID}`, '_session_hosts|a:0:{}', 'magento', 'sure', []],
    [`sess_${SID}`, 'encrypted_session_data|s:2:"xx";', 'nextcloud', 'sure', []],
    [`sess_${SID}`, 'SESSION|O:8:"stdClass":0:{}USER|O:8:"stdClass":0:{}', 'moodle', 'sure', []],
    [`sess_${SID}`, ' PMA_token |s:1:"x";', 'phpmyadmin', 'sure', []],
    [`sess_${SID}`, '__id|i:7;', 'yii', 'sure', []],
    [`sess_${SID}`, '{"language":"en-gb"}', 'opencart', 'sure', []],
    [`sess_${SID}`, '[]', 'opencart', 'sure', []],
    [`sess_${SID}`, 'user_id|i:1;', 'php', 'likely', []],
    [`sess_${SID}`, '', 'php', 'likely', []],
    [`sess_${HEX32}`, 'a:1:{s:1:"x";i:1;}', 'php', 'unsure', ['thinkphp']],
    ['AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCd', 'a:1:{s:6:"_token";s:1:"x";}', 'laravel', 'sure', []],
    ['AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCd', '{"_token":"x"}', 'laravel', 'sure', []],
    [
      'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCd',
      Buffer.from('{"iv":"1","value":"2","mac":"3"}').toString('base64'),
      'laravel',
      'sure',
      [],
    ],
    [`ci_session${HEX32}`, '__ci_last_regenerate|i:1;', 'codeigniter', 'unsure', ['codeigniter3']],
    ['lAgQ7Vp38NKnrz9LoBDa_3-4AbCdEfGh.json', fixtures('express')[0]?.bytes as Buffer, 'express', 'sure', []],
    ['lAgQ7Vp38NKnrz9LoBDa_3-4AbCdEfGh.json', '{"hmac":"x","ct":"y"}', 'express', 'sure', []],
    [
      fixtures('django')[1]?.file as string,
      fixtures('django')[1]?.bytes as Buffer,
      'django',
      'likely',
      ['django-cache'],
    ],
    ['0/1/0123456789abcdef', fixtures('gob')[1]?.bytes as Buffer, 'gitea', 'likely', []],
    [`d/4/${HEX32}`, fixtures('gob')[1]?.bytes as Buffer, 'beego', 'likely', []],
    ['x1y2z3a4b5c6d7e8f9g0h1.txt', '{"message":{},"purpose":"x"}', 'adonis', 'sure', []],
    [`7D3/8E1/_session_id%3A2%3A%3A${HEX32}${HEX32}`, '\0\x11\0', 'rails', 'sure', []],
    [`werkzeug_${HEX32}01234567.sess`, '{}', 'odoo', 'sure', []],
    [`d4/${HEX32}01234567`, '{}', 'odoo', 'sure', []],
    ['A1B2.session', '\xac\xed\0\x05', 'tomcat', 'sure', []],
    [`a/bc/${HEX32}01234567.cache`, '\x80\x04', 'beaker', 'sure', []],
    ['notes.txt', 'hello', '', 'sure', []],
    [`sess_${SID}`, '\0\0\0\x07', '', 'sure', []],
  ])('%s with %j is of "%s", and that is %s', (path, text, application, certainty, alternatives) => {
    expect(look(sample(path, text))).toEqual([
      expect.objectContaining({ application, certainty, alternatives, count: 1, ownerUid: 33 }),
    ]);
  });

  it('by the file in which cachelib counts, whose neighbours are pickles behind four bytes', () => {
    const flask = sample(HEX32, '\x01\x02\x03\x04\x80\x04}.');
    expect(look(flask)).toEqual([expect.objectContaining({ application: 'flask', certainty: 'unsure' })]);
    expect(look(flask, sample('2029240f6d1128be89ddc32729463129', 'x'))).toEqual([
      expect.objectContaining({ application: 'flask', certainty: 'sure', count: 1 }),
    ]);
  });

  it('with the values that its names show: levels, and the name of a cookie', () => {
    expect(look(sample(`d/4/sess_${SID.slice(0, 1)}`, 'a|i:1;'))[0]?.application).toBe('');
    expect(look(sample(`d/4/sess_${SID}`, 'a|i:1;'))[0]).toMatchObject({ application: 'php', values: { levels: '2' } });
    expect(look(sample(`shop${HEX32}`, '__ci_last_regenerate|i:1;'))[0]).toMatchObject({
      application: 'codeigniter',
      values: { 'cookie-name': 'shop' },
    });
    expect(look(sample(`mysite${HEX32}`, fixtures('django')[0]?.bytes as Buffer))[0]).toMatchObject({
      application: 'django',
      values: { 'cookie-name': 'mysite' },
    });
  });

  it('from a head that ends in the middle of a session', () => {
    expect(look(sample(`sess_${SID}`, '_sf2_attributes|a:2:{s:1:"a";s:90'))[0]?.application).toBe('symfony');
  });

  it('without a look at half-written files and at files that belong to a store', () => {
    expect(look(sample('.gitignore', '*'), sample('x.json.17', ''), sample('index.html', ''))).toEqual([]);
  });
});

it('a mixture is listed by application and owner, the largest first, and never guessed to be one', () => {
  const samples = [
    ...Array.from({ length: 3 }, (_, i) => sample(`sess_${SID.slice(0, 25)}${i}`, '_sf2_meta|a:0:{}', 1001)),
    ...Array.from({ length: 2 }, (_, i) => sample(`sess_${SID.slice(0, 25)}${i + 3}`, '_sf2_meta|a:0:{}', 1002)),
    ...Array.from({ length: 5 }, (_, i) => sample(`sess_${SID.slice(0, 24)}x${i}`, 'encrypted_session_data|N;', 33)),
    sample('core', 'ELF', 0),
  ];
  expect(look(...samples).map(({ application, ownerUid, count }) => [application, ownerUid, count])).toEqual([
    ['nextcloud', 33, 5],
    ['symfony', 1001, 3],
    ['symfony', 1002, 2],
    ['', 0, 1],
  ]);
});
