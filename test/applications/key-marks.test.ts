import { describe, expect, it } from 'vitest';
import { builtInNames, builtInTemplate } from '../../src/applications/built-in.js';
import { KEY_MARKS } from '../../src/applications/key-marks.js';
import { matchKeys } from '../../src/applications/match-keys.js';
import { b } from './content.js';

const TEMPLATES = builtInNames().map(builtInTemplate);
const HEX32 = 'd41d8cd98f00b204e9800998ecf8427e';
const found = (key: string, value: Uint8Array) =>
  matchKeys([{ key, value }], TEMPLATES).map(({ application, values }) => [application, values]);
const marksOf = (key: string, value: Uint8Array | Map<string, Uint8Array> = b('x')) =>
  KEY_MARKS.filter(({ isOf }) => isOf({ key, value })).map(({ name }) => name);

describe('live keys', () => {
  it("of Django's cache engine are detected with prefix and version", () => {
    const pickle = Buffer.from('\x80\x04}\x94\x8c\x0d_auth_user_id\x94\x8c\x017\x94s.', 'latin1');
    expect(found(`shop:2:django.contrib.sessions.cache${HEX32}`, pickle)).toEqual([
      ['django-cache', { 'key-prefix': 'shop', 'key-version': '2' }],
    ]);
    expect(found(`:1:django.contrib.sessions.cache${HEX32}`, b('no pickle'))).toEqual([]);
  });

  it('of Flask-Session with digests are detected', () => {
    const pickle = Buffer.from('\x80\x04}.', 'latin1');
    expect(found(`session:${HEX32}`, pickle)[0]?.[0]).toBe('flask');
  });

  it('of an application that is not known are not taken for another with a prefix by chance', () => {
    const text = 'user|a:1:{s:2:"id";i:7;}';
    expect(found(`sess-reds-${HEX32.slice(0, 26)}`, b(`s:${text.length}:"${text}";`))).toEqual([]);
  });

  it("of CodeIgniter tell the cookie's name, which file names begin with", () => {
    expect(found(`ci_session:shop:${HEX32}`, b('__ci_last_regenerate|i:1;'))).toEqual([
      ['codeigniter', { prefix: 'ci_session:shop:', 'cookie-name': 'shop' }],
    ]);
  });
});

describe('keys that no template moves to', () => {
  it('are told by their names', () => {
    expect(marksOf(`:1:django.contrib.sessions.cached_db${HEX32}`)).toEqual(['django-cached-db']);
    expect(marksOf('redisson:tomcat_session:A1B2')).toEqual(['redisson-tomcat']);
    expect(marksOf('session:0b5c1a52-6f0e-4d7b-9c1e-1c2f3a4b5c6d')).toEqual(['flask']);
    expect(marksOf(`m_session_${HEX32}`, new Map([['sessdata', b('x')]]))).toEqual(['moodle-4.5']);
  });

  it('are none of those that some template has', () => {
    expect(marksOf(`session:${HEX32}`)).toEqual([]);
    expect(marksOf(`m_session_${HEX32}`)).toEqual([]);
    expect(marksOf(`:1:django.contrib.sessions.cache${HEX32}`)).toEqual([]);
  });
});
