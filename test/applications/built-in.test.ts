import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bindTemplate } from '../../src/applications/bind-template.js';
import { builtInNames, builtInTemplate } from '../../src/applications/built-in.js';
import { TemplatedFileEncoder } from '../../src/applications/templated-file-encoder.js';
import { lifetimeGap } from '../../src/applications/templated-reader.js';
import { unpickle } from '../../src/python/pickle/read.js';
import { b, type Fixture, fixtures } from './content.js';
import { builtIn, decoded, encoded, inspected, nameOf } from './reading.js';

const HEX26 = '0123456789abcdef0123456789';
const HEX32 = 'd41d8cd98f00b204e9800998ecf8427e';
const ALNUM40 = 'AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCd';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOPQRST';
const URLSAFE32 = 'lAgQ7Vp38NKnrz9LoBDa_3-4AbCdEfGh';
const T0 = 1_700_000_000_000;
const DAY = 86_400_000;

/** What an operator has to say of each that needs it. */
const NEEDED: Readonly<Record<string, Record<string, string>>> = {
  laravel: { 'client-prefix': 'laravel_database_', 'store-prefix': 'laravel_cache_:' },
  opencart: { 'cache-prefix': 'oc_' },
  yii: { prefix: 'ab12c' },
  'yii-cache': { prefix: 'ab12c' },
};
const made = (name: string, values: Record<string, string> = {}) => builtIn(name, { ...NEEDED[name], ...values });

describe('the templates that come with the program', () => {
  it('are those that the ranking names, and all without a fault', () => {
    expect(builtInNames()).toEqual(
      `adonis beego cakephp codeigniter codeigniter3 django django-cache express flask gitea gorilla laminas laravel magento moodle
       nextcloud opencart openmage php phpmyadmin rails symfony thinkphp thinkphp5 yii
       yii-cache`.split(/\s+/),
    );
    for (const name of builtInNames()) {
      expect(builtInTemplate(name).name).toBe(name);
      expect(builtInTemplate(name).source, name).not.toBe('');
      expect(made(name).reader.settings.length, name).toBeGreaterThan(0);
    }
  });

  it.each([
    ['php', `sess_${HEX26}`, `PHPREDIS_SESSION:${HEX26}`],
    ['symfony', `sess_${HEX26}`, `sf_s${HEX26}`],
    ['nextcloud', `sess_${HEX26}`, `PHPREDIS_SESSION:${HEX26}`],
    ['phpmyadmin', `sess_${HEX26}`, `PHPREDIS_SESSION:${HEX26}`],
    ['magento', `sess_${HEX26}`, `sess_${HEX26}`],
    ['openmage', `sess_${HEX26}`, `sess_${HEX26}`],
    ['moodle', `sess_${HEX26}`, HEX26],
    ['cakephp', `sess_${HEX26}`, `cake_${HEX26}`],
    ['laminas', `sess_${HEX26}`, `laminascache:${HEX26}`],
    ['codeigniter', `ci_session${HEX32}`, `ci_session:ci_session:${HEX32}`],
    ['codeigniter3', `ci_session${HEX32}`, `ci_session:${HEX32}`],
    ['opencart', `sess_${HEX26}`, `oc_.session.${HEX26}`],
    ['laravel', ALNUM40, `laravel_database_laravel_cache_:${ALNUM40}`],
    ['thinkphp', `sess_${HEX32}`, HEX32],
    ['thinkphp5', `sess_${HEX32}`, HEX32],
    ['express', `${URLSAFE32}.json`, `sess:${URLSAFE32}`],
    ['django', `sessionid${HEX32}`, HEX32],
    ['django-cache', `sessionid${HEX32}`, `:1:django.contrib.sessions.cache${HEX32}`],
    ['flask', HEX32, `session:${HEX32}`],
    ['gitea', '0/1/0123456789abcdef', '0123456789abcdef'],
    ['gorilla', `session_${BASE32}`, `session_${BASE32}`],
    ['beego', `d/4/${HEX32}`, HEX32],
    ['adonis', 'x1y2z3a4b5c6d7e8f9g0h1.txt', 'x1y2z3a4b5c6d7e8f9g0h1'],
    ['rails', `7D3/8E1/_session_id%3A2%3A%3A${HEX32}${HEX32}`, `_session_id:2::${HEX32}${HEX32}`],
  ])('%s: %s is a session, under the key %s', (name, path, key) => {
    const application = made(name);
    const sid = nameOf(application, path).replace('session ', '');
    expect(application.keyOf(sid)).toBe(key);
    expect(application.sidOf(key)).toBe(sid);
    expect(application.pathOf(sid)).toBe(path);
    expect(application.isLock(key)).toBe(false);
  });

  it.each([
    ['codeigniter', {}, 'ci_session:ci_session:'],
    ['codeigniter', { 'cookie-name': 'shop' }, 'ci_session:shop:'],
    // Before 4.2.11, and with prefix= in the save path.
    ['codeigniter', { 'cookie-name': 'shop', prefix: 'ci_session:' }, 'ci_session:'],
    // From Laravel 13 on session.prefix stands in the place of the cache's.
    ['laravel', { 'client-prefix': 'shop-database-', 'store-prefix': 'sessions:' }, 'shop-database-sessions:'],
  ])('%s with %j has keys that begin with %s', (name, values, before) => {
    expect(made(name, values as Record<string, string>).keyTemplate).toEqual({ before, after: '' });
  });

  it.each([
    [
      'moodle',
      'compressor',
      'gzip',
      /^--compressor is "gzip": write none \(session_redis_compressor .* takes no value/,
    ],
    [
      'php',
      'compression',
      'lz4',
      /^--compression is "lz4": write none or zstd \(.* take some of the copies for packed/,
    ],
    ['nextcloud', 'compression', 'lzf', /^--compression is "lzf": write none or zstd/],
    ['phpmyadmin', 'compression', 'lz4', /^--compression is "lz4": write none or zstd/],
  ])('%s with --%s %s is refused, with the reason', (name, parameter, value, sentence) => {
    const { settings, faults } = bindTemplate(builtInTemplate(name), { ...NEEDED[name], [parameter]: value });
    expect(settings).toBeNull();
    expect(faults).toEqual([expect.stringMatching(sentence)]);
  });

  // php -r 'echo md5(json_encode(["yii\\redis\\Session","0123456789abcdef0123456789"]));'
  it("yii: the key is a digest of the id as Yii's buildKey makes it", () => {
    const application = made('yii');
    expect(application.keyOf(HEX26)).toBe('ab12cc62d93e6bd16389d5b4a273f4e41bf7c');
    expect(application.reader).toMatchObject({ showsSid: false, keyPattern: 'ab12c*' });
    expect(application.sidOf(application.keyOf(HEX26))).toBeNull();
  });

  // php -r 'echo md5(serialize(["yii\\web\\CacheSession","0123456789abcdef0123456789"]));'
  it("yii-cache: the key is a digest of class and id as Yii's cache makes it, and the value an array", () => {
    const application = made('yii-cache');
    expect(application.keyOf(HEX26)).toBe('ab12c5ce276c5fbf282fd9473fcc8964f261d');
    inspected(application, b('user|i:7;'));
    expect(encoded(application)).toBe('a:2:{i:0;s:9:"user|i:7;";i:1;N;}');
    expect(decoded(application, [encoded(application) as string])).toBe('user|i:7;');
    expect(new TemplatedFileEncoder(application, 100).noFile).toBe('its keys show no ids, by which files are named');
  });

  it.each([
    ['php', `PHPREDIS_SESSION:${HEX26}_LOCK`],
    ['codeigniter', `ci_session:ci_session:${HEX32}:lock`],
    ['moodle', `${HEX26}.lock`],
    ['thinkphp5', `LOCK_PREFIX_${HEX26}`],
    ['laravel', `laravel_database_laravel_cache_:session:${ALNUM40}`],
  ])('%s: %s is a lock and no session', (name, key) => {
    expect(made(name).isLock(key)).toBe(true);
    expect(made(name).sidOf(key)).toBeNull();
  });

  it.each([
    ['php', 'ci_session0123', 'foreign'],
    ['php', 'sess_', 'foreign'],
    ['php', 'sess_a_b', 'foreign'],
    ['php', `0/sess_${HEX26}`, 'foreign'],
    ['laravel', '.gitignore', 'ignored'],
    ['laravel', `${ALNUM40}x`, 'foreign'],
    ['express', `${URLSAFE32}.json.4711`, 'temp-file'],
    ['express', `${URLSAFE32}.json.bak`, 'foreign'],
    ['express', `${URLSAFE32}.json.4711.bak`, 'foreign'],
    ['express', `${URLSAFE32}.txt`, 'foreign'],
    ['django', 'sessionid0123_out_x1', 'temp-file'],
    ['django', 'sessionidABC', 'foreign'],
    ['flask', '2029240f6d1128be89ddc32729463129', 'ignored'],
    ['gitea', '0/2/0123456789abcdef', 'foreign'],
    ['gitea', '0/1/0123456789abcdef.17.tmp', 'temp-file'],
    [
      'codeigniter',
      `ci_session${HEX32}${HEX32}`,
      "unsupported its name holds a digest of the visitor's address (match_ip), and the key in Redis would need the address itself",
    ],
  ])('%s: %s is %s', (name, path, verdict) => {
    // cachelib's file of counts has a name like any session's: what is skipped goes first.
    expect(nameOf(made(name), path)).toBe(verdict);
  });

  it('php: sessions lie where N leading characters lead, and only there', () => {
    const application = made('php', { levels: '2' });
    expect(nameOf(application, `0/1/sess_${HEX26}`)).toBe(`session ${HEX26}`);
    expect(nameOf(application, `0/2/sess_${HEX26}`)).toBe('foreign');
    expect(nameOf(application, `sess_${HEX26}`)).toBe('foreign');
    expect(application.pathOf(HEX26)).toBe(`0/1/sess_${HEX26}`);
    expect([application.entersDirectory('0'), application.entersDirectory('0/,')]).toEqual([true, true]);
    expect([
      application.entersDirectory('0/1/2'),
      application.entersDirectory('_'),
      application.entersDirectory('01'),
    ]).toEqual([false, false, false]);
  });
});

describe('what a reader finds', () => {
  const PHP = b('user|i:7;cart|a:1:{i:0;s:1:"x";}');

  it.each(['php', 'symfony', 'nextcloud', 'codeigniter', 'yii', 'laminas', 'phpmyadmin'])(
    '%s: the very bytes',
    (name) => {
      const application = made(name);
      expect(application.reader).toMatchObject({ isVerbatim: true, fields: null });
      expect(inspected(application, PHP).verdict).toBe('whole');
      expect(encoded(application)).toBe(PHP.toString('latin1'));
      expect(decoded(application, [PHP.toString('latin1')])).toBe(PHP.toString('latin1'));
    },
  );

  it.each([
    ['laravel', 'a:1:{s:6:"_token";s:2:"\xc3\xa9";}'],
    ['laravel', '{"_token":"x"}'],
    ['thinkphp', 'a:0:{}'],
    ['moodle', 'USER|O:8:"stdClass":1:{s:2:"id";i:5;}'],
    ['cakephp', 'Auth|a:1:{s:2:"id";i:5;}'],
  ])("%s: the bytes as a text that PHP's serializer wraps, with its length in bytes", (name, text) => {
    const application = made(name);
    expect(inspected(application, b(text)).verdict).toBe('whole');
    expect(encoded(application)).toBe(`s:${text.length}:"${text}";`);
    expect(decoded(application, [`s:${text.length}:"${text}";`])).toBe(text);
    expect(decoded(application, [`s:${text.length + 1}:"${text}";`])).toMatch(/^refused/);
    expect(decoded(application, [text])).toBe('refused: the value is not in the form that the template gives it');
  });

  it.each(['magento', 'openmage'])(
    '%s: a hash with writes at 2, so that no request cuts it to 10 or 20 minutes',
    (name) => {
      const application = made(name);
      inspected(application, PHP);
      expect(encoded(application)).toEqual({ data: PHP.toString('latin1'), lock: '0', writes: '2' });
      expect(application.reader).toMatchObject({ fields: ['data', 'lock', 'writes'], ownField: 0, isVerbatim: false });
      expect(decoded(application, ['a|i:1;', null, null])).toBe('a|i:1;');
      expect(decoded(application, [null, '1', '3'])).toBe('refused: the field data is absent');
      expect(application.sidOf(`sess_${HEX26}`)).toBe(HEX26);
      const packed = `:gz:${deflateSync('b|i:2;').toString('latin1')}`;
      expect(decoded(application, [packed, null, null])).toBe('b|i:2;');
      expect(decoded(application, [':gz:x', null, null])).toMatch(/^refused: it is packed by gzip and damaged/);
      expect(decoded(application, [':l4:x', null, null])).toBe(
        "refused: it is packed by lz4, which this program can't undo",
      );
    },
  );

  it('thinkphp: what data_compress packed is unpacked', () => {
    const application = made('thinkphp');
    expect(inspected(application, deflateSync('a:1:{s:3:"uid";i:9;}')).verdict).toBe('whole');
    expect(encoded(application)).toBe('s:20:"a:1:{s:3:"uid";i:9;}";');
    expect(application.who()).toBe('9');
    expect(inspected(application, deflateSync('a:1:{').subarray(0, 6))).toMatchObject({ verdict: 'torn' });
  });

  it('django-cache: the dict, pickled; a pickle comes out of its envelope', () => {
    const application = made('django-cache');
    for (const { name, bytes, data } of fixtures('django')) {
      expect(inspected(application, bytes).verdict, name).toBe('whole');
      const value = Buffer.from(encoded(application) as string, 'latin1');
      const { keys } = unpickle(value) as { keys: unknown[] };
      expect(keys, name).toEqual(Object.keys(data as object));
    }
    expect(decoded(application, ['\x80\x04}.'])).toMatch(/^refused: Django signs its files/);
  });

  // A time, base64 of a gob by Go's own encoder, and a signature that nobody checks here (securecookie.go, Encode).
  it('gorilla: the gob out of its envelope, which lives from the time in there', () => {
    const application = made('gorilla');
    for (const { name, bytes } of fixtures('gob')) {
      const text = `1700000000|${bytes.toString('base64url')}${'='.repeat((3 - (bytes.length % 3)) % 3)}|${'\xff'.repeat(32)}`;
      const file = Buffer.from(b(text).toString('base64').replaceAll('+', '-').replaceAll('/', '_'));
      expect(inspected(application, file), name).toMatchObject({ verdict: 'whole', reason: '' });
      expect(encoded(application), name).toBe(bytes.toString('latin1'));
      expect(application.plan(T0 + 5000, T0 + 5000), name).toBe(T0 + 30 * DAY);
      for (let length = 1; length < file.length; length++) {
        expect(inspected(application, file.subarray(0, length)).verdict, `${name} ${length}`).not.toBe('whole');
      }
      if (name === 'login') {
        inspected(application, file);
        expect(application.who()).toBe('42');
      }
    }
    const encrypted = b(`1700000000|${b('\x12'.repeat(48)).toString('base64url')}|${'x'.repeat(32)}`).toString(
      'base64',
    );
    expect(inspected(application, b(encrypted))).toMatchObject({
      verdict: 'malformed',
      reason: 'it is encrypted by a block key, which redistore has none of, or is no gob',
    });
  });

  it('flask: the pickle behind the four bytes of its end', () => {
    const application = made('flask');
    const file = Buffer.concat([Buffer.from(Uint32Array.of(1_800_000_000).buffer), b('\x80\x04}\x94.')]);
    expect(inspected(application, file).verdict).toBe('whole');
    expect(encoded(application)).toBe('\x80\x04}\x94.');
    expect(application.expiryMs(T0, T0)).toBe(1_800_000_000_000);
    expect(inspected(application, file.subarray(0, 4))).toMatchObject({ verdict: 'malformed' });
    // Without an end of its own it lives as long as the reader lets it.
    expect(inspected(application, Buffer.concat([b('\0\0\0\0'), b('\x80\x04}.')])).verdict).toBe('whole');
    expect(application.plan(T0, T0)).toBe(T0 + 31 * DAY);
  });
});

describe('when a session ends', () => {
  it.each([
    ['php', {}, 1440],
    ['php', { lifetime: '2h' }, 7200],
    ['symfony', {}, 1440],
    ['codeigniter', {}, 7200],
    ['opencart', {}, 86_400],
    ['laravel', {}, 7200],
    ['moodle', {}, 8 * 3600 + 80],
    ['magento', {}, 3600],
    ['magento', { lifetime: '10s' }, 60],
    ['magento', { lifetime: '500d' }, 365 * 86_400],
    ['openmage', { lifetime: '365d' }, 30 * 86_400],
    ['gitea', {}, 86_400],
  ] as const)('%s %j: %i s after its mtime', (name, values, seconds) => {
    const application = made(name, values);
    expect(application.store.lifetimeMs).toBe(seconds * 1000);
    inspected(application, b(name === 'laravel' ? 'a:0:{}' : name === 'opencart' ? '{}' : 'a|i:1;'));
    expect(application.expiryMs(T0, T0 + 5)).toBe(T0 + seconds * 1000);
    expect(application.expiryMs(T0 + 99_000, T0)).toBe(T0 + seconds * 1000);
    expect(application.mtimeMsFor(T0 + seconds * 1000)).toBe(T0);
  });

  it('express: when its cookie does, else an hour after the last access', () => {
    const application = made('express');
    const [timed, open] = fixtures('express') as [Fixture, Fixture];
    inspected(application, timed.bytes);
    const { cookie, __lastAccess } = JSON.parse(timed.bytes.toString());
    expect(application.expiryMs(T0, T0)).toBe(Date.parse(cookie.expires));
    expect(Math.abs(Date.parse(cookie.expires) - __lastAccess - cookie.originalMaxAge)).toBeLessThan(1000);
    expect(application.mtimeMsFor(T0)).toBeNaN();
    inspected(application, open.bytes);
    expect(application.expiryMs(T0, T0)).toBe(JSON.parse(open.bytes.toString()).__lastAccess + 3_600_000);
    inspected(application, b('{"cookie":{"expires":null}}'));
    expect(application.expiryMs(T0, T0)).toBe(T0 + 3_600_000);
    expect(application.reader.lifetimeMs).toBe(DAY);
  });

  it('django: its own expiry in seconds or as a moment, else 14 days; zero means at the close of the browser', () => {
    const application = made('django');
    const endOf = (name: string) => {
      const found = fixtures('django').find((fixture) => fixture.name === name);
      inspected(application, found?.bytes as Buffer);
      return application.expiryMs(T0, T0);
    };
    expect(endOf('expiry in seconds')).toBe(T0 + 3_600_000);
    expect(endOf('expiry as a moment')).toBe(Date.parse('2026-12-01T10:00:00Z'));
    expect(endOf('expiry at close')).toBe(T0 + 14 * DAY);
    expect(endOf('pickled')).toBe(T0 + 14 * DAY);
  });

  it('openmage: by the rule that stands in the session', () => {
    const application = made('openmage');
    const validator = `a:2:{s:16:"session_lifetime";i:5400;s:23:"session_renew_timestamp";i:${T0 / 1000}`;
    inspected(application, b(`_session_validator_data|${validator};}`));
    expect(application.expiryMs(T0 + 1000, T0 + 2000)).toBe(T0 + 5_400_000);
  });

  it('rails: as the entry says; without an end a year after its save, and never at once for what can not be read', () => {
    const application = made('rails', { 'file-namespace': 'shop%3A', namespace: 'shop:' });
    for (const { name, bytes, ends } of fixtures('rails')) {
      inspected(application, bytes);
      const endsMs = ends === null ? T0 + 365 * DAY : (ends as number) * 1000;
      expect(Math.abs(application.expiryMs(T0, T0) - endsMs), name).toBeLessThan(1);
      if (/login/.test(name)) expect(application.who(), name).toBe('42');
      expect(inspected(application, bytes.subarray(0, -1)).verdict, name).toBe('malformed');
    }
    const place = application.pathOf('a'.repeat(64));
    expect(nameOf(application, place)).toBe(`session ${'a'.repeat(64)}`);
    const [{ file = '' } = {}] = fixtures('rails');
    expect(nameOf(made('rails'), file)).toBe(`session ${'a'.repeat(64)}`);
    expect(nameOf(made('rails'), file.replace(/^.../, 'ABC'))).toBe('foreign');
    expect(application.keyOf('a'.repeat(64))).toBe(`shop:_session_id:2::${'a'.repeat(64)}`);
    expect(nameOf(application, file)).toBe('foreign');
    expect(nameOf(application, place.replace(/2%3A%3Aa{64}/, 'a'.repeat(32)))).toMatch(
      /^unsupported its name is the id itself/,
    );
  });

  it.each(['express', 'django'])('%s: no more than 100 years after its save, whatever it says of itself', (name) => {
    const application = made(name);
    const text =
      name === 'express'
        ? '{"cookie":{"expires":"9999-12-31T00:00:00.000Z"}}'
        : `${Buffer.from('{"_session_expiry":1e300}').toString('base64url')}:1xWswB:${'x'.repeat(43)}`;
    expect(inspected(application, b(text)).verdict).toBe('whole');
    expect(application.plan(T0, T0)).toBe(T0 + 36_525 * DAY);
  });
});

describe('what an audit tells', () => {
  it.each([
    ['symfony', '_sf2_attributes|a:1:{s:14:"_security_main";s:3:"abc";}', ['login'], 'abc'],
    [
      'magento',
      'customer_base|a:1:{s:11:"customer_id";s:2:"12";}checkout|a:1:{s:10:"quote_id_1";i:5;}',
      ['login', 'cart'],
      '12',
    ],
    ['laravel', `a:2:{s:46:"login_web_${'a'.repeat(36)}";i:3;s:6:"_flash";a:1:{s:3:"new";a:0:{}}}`, ['login'], '3'],
    ['express', '{"cookie":{},"passport":{"user":"jane"},"cart":[]}', ['login'], 'jane'],
    ['opencart', '{"customer_id":"0","user_id":4}', ['login', 'admin'], '0'],
    ['moodle', 'USER|O:8:"stdClass":1:{s:2:"id";s:1:"5";}', ['login'], '5'],
    ['php', 'anything|i:1;', [], ''],
  ])('%s: %s has %j', (name, text, facts, who) => {
    const application = made(name);
    const { facts: bits } = inspected(application, b(text));
    expect(application.factNames.filter((_, i) => (bits & (1 << i)) !== 0)).toEqual(facts);
    expect(application.who()).toBe(who);
  });

  it('shows a user as no terminal can be hurt by, and no long secret', () => {
    const application = made('express');
    inspected(application, b('{"user":"\xe2\x80\xaeevil"}'));
    expect(application.who()).toBe('\\u{202e}evil');
    inspected(application, b(`{"user":"${'s'.repeat(60)}"}`));
    expect(application.who()).toBe('ssssssss*');
  });
});

describe('what is not moved', () => {
  it.each([
    ['php', '', 'empty', '', ''],
    ['php', 'a|i:1;cart|a:1:{i:0;s:9:"x', 'torn', 'cart', 'the content ends in the middle of a value'],
    ['php', 'a|i:1;cart|Q', 'malformed', 'cart', 'no value of PHP starts like this'],
    ['php', '\x7f\x7f', 'malformed', '', 'a variable has a name and no value'],
    ['laravel', 'x', 'malformed', '', 'it starts like none of php_serialize, JSON, encrypted by Laravel'],
    ['express', '{"a":1', 'malformed', 'a', 'the content ends in the middle of a value'],
    [
      'express',
      '{"hmac":"x"}',
      'unsupported',
      '',
      'it is encrypted by the option secret of session-file-store, and connect-redis has no such option',
    ],
  ])('%s: %j is %s', (name, text, verdict, member, reason) => {
    const content = inspected(made(name), b(text));
    if (text !== '\x7f\x7f') expect(content).toMatchObject({ verdict, member, reason });
    else expect(['torn', 'malformed']).toContain(content.verdict);
  });

  it("the real store's encrypted file", () => {
    const encrypted = fixtures('express').find(({ name }) => name === 'encrypted');
    expect(inspected(made('express'), encrypted?.bytes as Buffer).verdict).toBe('unsupported');
  });

  it('is moved unread, where the operator says that PHP has a handler that is not known here', () => {
    const wddx = b("<wddxPacket version='1.0'>");
    expect(inspected(made('php'), wddx).verdict).not.toBe('whole');
    expect(inspected(made('php', { 'serialize-handler': 'none' }), wddx).verdict).toBe('whole');
  });

  it('a file of another serialize_handler than the reader has: it would be deleted', () => {
    const application = made('php', { 'serialize-handler': 'php' });
    for (const { handler, name, bytes } of fixtures('php')) {
      const content = inspected(application, bytes);
      if (handler === 'php') expect(content.verdict, name).toBe('whole');
      else {
        expect(content, `${handler} ${name}`).toMatchObject({ verdict: 'unsupported', format: handler });
        expect(content.reason).toMatch(/^it is \S+, and the reader is set to php: it would not be able to decode it$/);
      }
    }
  });
});

describe('a reader whose lifetime differs from the files by more than 2x', () => {
  it.each([
    [
      'express',
      {},
      /^session-file-store to connect-redis: files live for 1 h, .* the reader gives 1 d, so sessions stay/,
    ],
    ['express', { lifetime: '20h' }, /^$/],
    [
      'nextcloud',
      {},
      /files live for 1 d, .* the reader gives 24 min, so idle users are logged out sooner than before/,
    ],
    ['php', {}, /^$/],
    ['rails', {}, /^$/],
  ])('%s %j is named before a run', (name, values, sentence) => {
    expect(lifetimeGap(made(name, values as Record<string, string>))).toMatch(sentence);
  });
});
