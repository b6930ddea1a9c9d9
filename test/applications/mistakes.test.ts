import { describe, expect, it } from 'vitest';
import { bindTemplate } from '../../src/applications/bind-template.js';
import { builtInTemplate } from '../../src/applications/built-in.js';
import { readTemplate } from '../../src/applications/read-template.js';
import type { Template } from '../../src/applications/template.js';

const GOOD = `name: shop
parameters:
  prefix:
    default: 'shop:'
    help: prefix of the keys
  lifetime: { type: duration, default: 30m, help: how long }
file:
  name: 's_{sid:alnum:32}'
  written: in place
key: '{prefix}{sid}'
value: bytes
expires: mtime + {lifetime}
check: php
`;

/** The template with one part written otherwise, and every complaint of it. */
function complaintsOf(find: string, put: string): readonly string[] {
  expect(GOOD).toContain(find);
  return readTemplate(
    'shop.yaml',
    GOOD.replace(find, () => put),
  ).complaints;
}

describe('a template', () => {
  it('without a mistake is read', () => {
    const { template, complaints } = readTemplate('shop.yaml', GOOD);
    expect(complaints).toEqual([]);
    expect(template).toMatchObject({ name: 'shop', key: '{prefix}{sid}', check: ['php'], database: '0' });
  });

  it.each([
    ['that is no YAML', "'{prefix}{sid}'", "'{prefix}{sid}'x", 'shop.yaml:10:21: Unexpected scalar at node end'],
    ['with a tab for an indent', '  written', '\twritten', 'shop.yaml:9:1: Tabs are not allowed as indentation'],
    [
      'of two documents',
      'key: ',
      '---\nkey: ',
      'shop.yaml:10:1: the file holds several documents: write one template per file',
    ],
    ['with a part twice', 'value: bytes', 'value: bytes\nvalue: bytes', 'shop.yaml:12:1: Map keys must be unique'],
    [
      'with a word for a part that is none',
      'key:',
      'keys:',
      'shop.yaml:10:1: the template has no "keys": did you mean key?',
    ],
    ['without a part that it needs', 'check: php\n', '', 'shop.yaml:1:1: the template has no check'],
    [
      'with a name that is none',
      'name: shop',
      'name: My Shop',
      'shop.yaml:1:7: name is "My Shop": write lower-case words with dashes, as in my-shop',
    ],
    ['with a part without a value', 'check: php', 'check:', 'shop.yaml:13:1: check has no value: write one text'],
    [
      'with a list where one value belongs',
      "key: '{prefix}{sid}'",
      'key: [a]',
      'shop.yaml:10:6: key is not a single value: write one text',
    ],
    [
      'with a text where a mapping belongs',
      "file:\n  name: 's_{sid:alnum:32}'\n  written: in place",
      'file: x',
      'shop.yaml:7:7: file is not a mapping: write name: value lines below it',
    ],
    ['with an alias', 'check: php', 'check: *x', 'shop.yaml:13:8: check is an alias: write the value itself'],
    [
      'with a file without a name',
      "  name: 's_{sid:alnum:32}'\n",
      '',
      'shop.yaml:7:1: file has no name: write the pattern of a file name, as in sess_{sid:php:22-256}',
    ],
    [
      'with a name without an id',
      's_{sid:alnum:32}',
      's_',
      'shop.yaml:8:9: the pattern of a name holds no {sid:characters:length}',
    ],
    [
      'with an id without its characters',
      '{sid:alnum:32}',
      '{sid}',
      'shop.yaml:8:9: {sid} needs its characters and lengths, as in {sid:alnum:40}',
    ],
    [
      'with two ids',
      '{sid:alnum:32}',
      '{sid:alnum:32}{sid:alnum:2}',
      'shop.yaml:8:9: the pattern of a name holds {sid:...} more than once',
    ],
    [
      'with a slash in a name',
      's_{sid',
      's/{sid',
      'shop.yaml:8:9: the pattern is of a name, without a slash: write sub-directories under directories',
    ],
    ['with a length that is none', 'alnum:32', 'alnum:x', 'shop.yaml:8:9: "x" is no length: write 32, 22-256 or 32|40'],
    [
      'with a length that runs backwards',
      'alnum:32',
      'alnum:40-32',
      'shop.yaml:8:9: "40-32" is no length: it runs from 40 to 32',
    ],
    ['with a range that runs backwards', 'alnum:32', 'z-a:32', 'shop.yaml:8:9: "z-a" has a range that runs backwards'],
    [
      'with a character that no id has',
      'alnum:32',
      'a-z/:32',
      'shop.yaml:8:9: "a-z/" names a character that no id has: use visible ASCII other than /',
    ],
    [
      'with characters without a length',
      'alnum:32',
      'alnum',
      'shop.yaml:8:9: "alnum" has no characters and lengths: write them as hex:40 or A-Za-z0-9:22-64',
    ],
    [
      'with a word for how it is written that is none',
      'in place',
      'inplace',
      'shop.yaml:9:12: file.written is "inplace": did you mean in place?',
    ],
    [
      'with a mode that is none',
      'written: in place',
      'mode: rw',
      'shop.yaml:9:9: file.mode is no octal mode: write it as 0600',
    ],
    [
      'with levels that are none',
      'written: in place',
      'directories: { levels: many }',
      'shop.yaml:9:26: file.directories.levels is neither a number from 0 to 4 nor a {parameter} of type count',
    ],
    [
      'with directories without levels',
      'written: in place',
      'directories: { characters: 1 }',
      'shop.yaml:9:3: file.directories has no levels: write how many directories lie above a file',
    ],
    [
      'with more levels than a digest has',
      'written: in place',
      'directories: { levels: 3, digest: adler32 }',
      'shop.yaml:9:16: file.directories has more than the two levels of a digest',
    ],
    [
      'with a digest that is none',
      'written: in place',
      'directories: { levels: 2, digest: adler }',
      'shop.yaml:9:37: file.directories.digest is "adler": did you mean adler32?',
    ],
    ['that skips every name', 'written: in place', "skip: ['*']", 'shop.yaml:9:9: file.skip would match every name'],
    [
      'with a placeholder that is none',
      "'{prefix}{sid}'",
      "'{prefx}{sid}'",
      'shop.yaml:10:6: {prefx} is no placeholder and no parameter: did you mean {prefix}?',
    ],
    [
      'with a key without the id',
      "'{prefix}{sid}'",
      "'{prefix}'",
      'shop.yaml:10:6: a key without {sid} would be the same for every session',
    ],
    ['with the bytes in a key', "'{prefix}{sid}'", "'{sid}{bytes}'", 'shop.yaml:10:6: {bytes} has no place here'],
    [
      'with an id and a digest in its key',
      "'{prefix}{sid}'",
      "'{sid}{md5:{sid}}'",
      'shop.yaml:10:6: a key has one {sid} or one {md5:...}',
    ],
    [
      'with a digest that is not closed',
      "'{prefix}{sid}'",
      "'{md5:{sid}'",
      'shop.yaml:10:6: {md5: has no closing brace',
    ],
    [
      'with a value without the bytes',
      'value: bytes',
      "value: 'x'",
      'shop.yaml:11:8: a value without {bytes} would be the same for every session',
    ],
    [
      'with the bytes twice',
      'value: bytes',
      "value: '{bytes}{bytes}'",
      'shop.yaml:11:8: {bytes} stands more than once in a value',
    ],
    [
      'with a length behind the bytes',
      'value: bytes',
      "value: '{bytes}{length}'",
      'shop.yaml:11:8: {length} has to stand before the {bytes} that it counts',
    ],
    [
      'with fields without the bytes',
      'value: bytes',
      "value: { fields: { lock: '0' } }",
      'shop.yaml:11:8: value.fields has no field that holds {bytes}',
    ],
    [
      'with an own field that is none',
      'value: bytes',
      "value: { fields: { data: '{bytes}' }, own: lock }",
      'shop.yaml:11:44: value.own is lock, which is no field that holds {bytes}',
    ],
    [
      'with a converter that is none',
      'value: bytes',
      'value: { convert: django-pickel }',
      'shop.yaml:11:19: value.convert is "django-pickel": did you mean django-pickle?',
    ],
    [
      'with a duration without a unit',
      'mtime + {lifetime}',
      'mtime + 1440',
      'shop.yaml:12:10: "1440" has no unit: write 1440s, m, h or d',
    ],
    [
      'with a duration that no session lives',
      'mtime + {lifetime}',
      'mtime + 40000d',
      'shop.yaml:12:10: "40000d" is longer than 100 years, which no session lives: write 36525d at most',
    ],
    [
      'with a default that no session lives',
      'default: 30m',
      'default: 40000d',
      'shop.yaml:6:3: the default of parameter lifetime is "40000d", longer than 100 years, which no session lives: write 36525d at most',
    ],
    [
      'without an end',
      'mtime + {lifetime}',
      'never',
      'shop.yaml:12:10: a copy without an end is not written: write mtime + 365d or the like',
    ],
    [
      'with rules of which none may apply',
      'mtime + {lifetime}',
      'u32le(0)',
      'shop.yaml:12:10: expires may say nothing of a session: end it with a rule such as mtime + 14d',
    ],
    [
      'with a rule that starts with a duration',
      'mtime + {lifetime}',
      "'30m + {lifetime}'",
      'shop.yaml:12:10: "30m + {lifetime}" starts with a duration: start with a point in time, such as mtime',
    ],
    [
      'with two points in time',
      'mtime + {lifetime}',
      'mtime + mtime',
      'shop.yaml:12:10: "mtime + mtime" adds two points in time: only durations may follow the first',
    ],
    [
      'with a time that is none',
      'mtime + {lifetime}',
      'ctime + {lifetime}',
      'shop.yaml:12:10: "ctime" is nothing that a time is made of: write mtime, a duration, {parameter}, ms(member), s(member), iso(member), u32le(byte) or f64le(byte)',
    ],
    [
      'with a text for a duration',
      'mtime + {lifetime}',
      'mtime + {prefix}',
      'shop.yaml:12:10: {prefix} is no parameter of type duration',
    ],
    [
      'with a byte that is none',
      'mtime + {lifetime}',
      'u32le(x)',
      'shop.yaml:12:10: u32le(x) names no byte of the file',
    ],
    [
      'with bounds the wrong way round',
      'mtime + {lifetime}',
      '{ first: mtime + 1h, min: 2d, max: 1d }',
      'shop.yaml:12:10: expires.min is above expires.max',
    ],
    [
      'with bounds and no rule',
      'mtime + {lifetime}',
      '{ min: 2d }',
      'shop.yaml:12:1: expires has bounds and no rule: write the rules under first',
    ],
    [
      'with a format that is none',
      'check: php',
      'check: php_serialise',
      'shop.yaml:13:8: check knows no "php_serialise": did you mean php_serialize?',
    ],
    [
      'with a lock that every key is',
      'check: php',
      "check: php\nignore: '*'",
      'shop.yaml:14:9: ignore would match every key: write the end of a lock key, as in _LOCK',
    ],
    [
      'that refuses without a reason',
      'check: php',
      'check: php\nrefuse: [{ starts: x }]',
      'shop.yaml:14:10: an item of refuse has no because: say why such a file is not moved',
    ],
    [
      'that refuses nothing',
      'check: php',
      'check: php\nrefuse: [{ because: x }]',
      'shop.yaml:14:10: an item of refuse has either a name or starts, and one of them',
    ],
    [
      'with a path of members that is none',
      'check: php',
      'check: php\nfacts: { login: a..b }',
      'shop.yaml:14:17: "a..b" is no path of members: write names with dots between',
    ],
    [
      'with a * in the middle',
      'check: php',
      "check: php\nfacts: { login: 'a*b' }",
      'shop.yaml:14:17: "a*b" has a * that is not at the end of a name',
    ],
    [
      'with a database that is none',
      'check: php',
      'check: php\ndatabase: two',
      'shop.yaml:14:11: database is "two", which is neither a number nor a {parameter} of type count',
    ],
    [
      'with a pool that is none',
      'check: php',
      'check: php\npool: first',
      'shop.yaml:14:7: pool is "first": did you mean first first?',
    ],
    [
      'with a parameter that has no name',
      '  prefix:',
      '  Prefix:',
      'shop.yaml:3:3: "Prefix" is no name of a parameter: write lower-case words with dashes, as in cookie-name',
    ],
    [
      'with a parameter of a name that is taken',
      '  prefix:',
      '  to:',
      "shop.yaml:3:3: a parameter can't be called to, which means something else here",
    ],
    [
      'with a parameter without help',
      '    help: prefix of the keys\n',
      '',
      'shop.yaml:3:3: parameter prefix has no help: say in a few words what it is in the application',
    ],
    [
      'with a type that is none',
      'type: duration',
      'type: time',
      'shop.yaml:6:21: type of parameter lifetime is "time": write text or duration or count or choice',
    ],
    [
      'with a default that is no duration',
      'default: 30m',
      'default: 30',
      'shop.yaml:6:3: the default of parameter lifetime is "30", which is no duration: write it as 1440s, 120m, 24h or 14d',
    ],
    [
      'with a default that names what has none',
      "default: 'shop:'",
      "default: '{nowhere}:'",
      'shop.yaml:3:3: the default of parameter prefix names {nowhere}, which is no parameter with a default of its own',
    ],
    [
      'with a choice of nothing',
      'type: duration, default: 30m',
      'type: choice',
      'shop.yaml:6:3: parameter lifetime is a choice of nothing: list choices',
    ],
    [
      'with a parameter that nothing uses',
      "'{prefix}{sid}'",
      "'{sid}'",
      'shop.yaml:2:1: parameter prefix is used nowhere: write {prefix} where it belongs, or take it out',
    ],
    [
      'with a setting that names no parameter',
      'check: php',
      "check: php\nsettings: { php.ini: 'x = {prefixx}' }",
      'shop.yaml:14:22: {prefixx} is no placeholder and no parameter: did you mean {prefix}?',
    ],
  ])('%s is told so', (_, find, put, complaint) => {
    expect(complaintsOf(find, put)).toContain(complaint);
  });

  it.each([
    ['', 'shop.yaml:1:1: the file is empty: a template has at least name, file, key and expires'],
    ['just text', 'shop.yaml:1:1: the template is not a mapping: write name: value lines below it'],
    ['- a\n- b', 'shop.yaml:1:1: the template is not a mapping: write name: value lines below it'],
  ])('that is %j is none', (text, complaint) => {
    expect(readTemplate('shop.yaml', text)).toEqual({
      template: null,
      complaints: expect.arrayContaining([complaint]),
    });
  });

  it('is told of all its mistakes at once, each in one line', () => {
    const { complaints } = readTemplate('shop.yaml', 'name: X\nfile: {}\nkey: a\nexpires: 5\ncheck: x\nwhat: y\n');
    expect(complaints.length).toBeGreaterThanOrEqual(6);
    for (const complaint of complaints) expect(complaint).toMatch(/^shop\.yaml:\d+:\d+: [^\n]+$/);
  });

  it('has braces of PHP and JSON as they are', () => {
    const yii = GOOD.replace('value: bytes', `value: 'a:2:{i:0;s:{length}:"{bytes}";i:1;N;}'`);
    expect(readTemplate('shop.yaml', yii).complaints).toEqual([]);
    const json = GOOD.replace('value: bytes', `value: '{"data": {bytes}}'`);
    expect(readTemplate('shop.yaml', json).complaints).toEqual([]);
  });
});

describe('values of a template', () => {
  const { template } = readTemplate('shop.yaml', GOOD.replace("    default: 'shop:'\n", ''));

  it.each([
    [{}, ['shop needs --prefix: prefix of the keys']],
    [{ prefix: 'a', lifetime: '5' }, ['--lifetime is "5", which is no duration: write it as 1440s, 120m, 24h or 14d']],
    [{ prefix: 'a', lifetime: '0s' }, ['--lifetime is "0s": write a duration above zero']],
    [
      { prefix: 'a', lifetime: '999999999d' },
      ['--lifetime is "999999999d", longer than 100 years, which no session lives: write 36525d at most'],
    ],
    [{ prefix: 'a\nb' }, ['--prefix holds a control character']],
    [{ prefix: 'a', lifetme: '5m' }, ['--lifetme is no value of shop: did you mean --lifetime?']],
    [{ prefix: 'a', zzz: '5m' }, ['--zzz is no value of shop: it has --prefix, --lifetime']],
  ])('%j are refused with a sentence', (given, faults) => {
    expect(bindTemplate(template as Template, given as Record<string, string>)).toEqual({ settings: null, faults });
  });

  it('hold no more levels than a store has', () => {
    expect(bindTemplate(builtInTemplate('php'), { levels: '900000' }).faults).toEqual([
      '--levels is 900000: a store has 4 levels at most',
    ]);
  });

  it('are read as what they are', () => {
    expect(bindTemplate(template as Template, { prefix: '{x}', lifetime: '2h' }).settings?.values).toEqual({
      prefix: '{x}',
      lifetime: 7_200_000,
    });
  });
});
