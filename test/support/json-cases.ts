/** JSON texts at the edges where parsers differ, and whether Python, and so Odoo, takes them as a session. */
export interface JsonCase {
  name: string;
  bytes: Buffer;
  isSession: boolean;
}

/** One byte per character, so that invalid UTF-8 can be written down. */
const bytesOf = (latin1: string): Buffer => Buffer.from(latin1, 'latin1');

const value = (token: string): Buffer => bytesOf(`{"v": ${token}}`);

const all = (isSession: boolean, cases: Record<string, Buffer>): JsonCase[] =>
  Object.entries(cases).map(([name, bytes]) => ({ name, bytes, isSession }));

const ofValues = (isSession: boolean, tokens: readonly string[]): JsonCase[] =>
  tokens.map((token) => ({ name: JSON.stringify(token).slice(0, 60), bytes: value(token), isSession }));

const NUMBERS = ofValues(true, [
  ...['0', '-0', '0.0', '-0.0', '1e5', '1E5', '1e+5', '1e-5', '0e0', '0.5e-7', '1.25', '-17'],
  ...['1e400', '-1e400', '1e-400', '9007199254740993', '123456789012345678901234567890'],
  ...['NaN', 'Infinity', '-Infinity'],
  '9'.repeat(4300),
  `-${'9'.repeat(4300)}`,
  `${'9'.repeat(4301)}.0`,
  `${'9'.repeat(4301)}e1`,
]);

const NO_NUMBERS = ofValues(false, [
  ...['1.', '.5', '-.5', '01', '-01', '00', '+1', '1e', '1e+', '1.e5', '-', '--1', '0x10', '1_000', '1,5'],
  ...['-NaN', '+Infinity', 'Inf', 'Infinit', 'nan', 'infinity', '-I', 'NaNN', 'Infinity5', '- 1', '1 2'],
  '9'.repeat(4301),
  `-${'9'.repeat(4301)}`,
]);

const WORDS = [
  ...ofValues(true, ['true', 'false', 'null', '[]', '{}', '[ ]', '{ }', '[[], {}, [1, "a"]]']),
  ...ofValues(false, [
    'True',
    'None',
    'nul',
    'nulll',
    'tru',
    'undefined',
    '',
    "'a'",
    '[1,]',
    '[,]',
    '[1 2]',
    '[1',
    ']',
  ]),
  ...ofValues(false, ['{"a"}', '{"a":}', '{a: 1}', '{1: 1}', '{"a": 1,}', '{,}', '{"a" 1}', '(1)', '/* */ 1']),
];

const STRINGS = [
  ...ofValues(true, [
    '""',
    '"a"',
    '"\x7f"',
    '"\\"\\\\\\/\\b\\f\\n\\r\\t"',
    '"\\u00e9"',
    '"\\uABCD\\uabcd"',
    '"\\u0000"',
  ]),
  ...ofValues(true, ['"\\ud800"', '"\\udfff"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\\ud83d\\u0041"']),
  ...ofValues(false, [
    '"\n"',
    '"\t"',
    '"\0"',
    '"\x1f"',
    '"\\x41"',
    '"\\a"',
    '"\\\'"',
    '"\\u12"',
    '"\\u12g4"',
    '"\\U0041"',
  ]),
  ...ofValues(false, ['"a', '"\\"', '"\\', 'a"', '"\\u', '"\\u 123"', '"\\u+123"', '"\\u0x41"', '"\\u1_23"']),
];

const UTF8 = [
  ...all(true, {
    'two bytes': value('"\xc3\xa9"'),
    'three bytes': value('"\xe2\x82\xac"'),
    'four bytes': value('"\xf0\x9f\x98\x80"'),
    'the last character of all': value('"\xf4\x8f\xbf\xbf"'),
    'a noncharacter': value('"\xef\xbf\xbf"'),
    'the byte order mark inside a string': value('"\xef\xbb\xbf"'),
    'a line separator': value('"\xe2\x80\xa8"'),
    'a wide key': bytesOf('{"\xc3\xa9": 1}'),
    'a wide key in depth, and ASCII behind it': bytesOf('{"a": [{"\xc3\xa9": 1}], "b": 1}'),
  }),
  ...all(false, {
    'an overlong slash': value('"\xc0\xaf"'),
    'an overlong null': value('"\xc0\x80"'),
    'overlong in three bytes': value('"\xe0\x80\xaf"'),
    'overlong in four bytes': value('"\xf0\x80\x80\xaf"'),
    'a surrogate': value('"\xed\xa0\x80"'),
    'a pair of surrogates': value('"\xed\xa0\xbd\xed\xb8\x80"'),
    'above the last character': value('"\xf4\x90\x80\x80"'),
    'a byte that never starts anything': value('"\xff"'),
    'a byte that only continues': value('"\x80"'),
    'latin1 text': value('"caf\xe9"'),
    'cut off before the quote': value('"\xe2\x82"'),
    'cut off by an escape': value('"\xe2\\n\x82\xac"'),
    'invalid in a key': bytesOf('{"\xff": 1}'),
    'invalid in a key in depth': bytesOf('{"a": [{"\xff": 1}], "b": 1}'),
    'invalid in the value before the last': bytesOf('{"a": "\xff", "b": "c"}'),
    'invalid outside a string': bytesOf('{"a": \xff1}'),
    'wide outside a string': bytesOf('{"a": 1}\xc3\xa9'),
  }),
];

const WHOLE = [
  ...all(true, {
    'an empty object': bytesOf('{}'),
    'space of every kind around everything': bytesOf(
      ' \t\r\n{ \t\r\n"a" \t\r\n: \t\r\n1 \t\r\n, "b":[ \t\r\n1 ] \t\r\n} \t\r\n',
    ),
    'the same key twice': bytesOf('{"a": 1, "a": 2}'),
    'an empty key': bytesOf('{"": 1}'),
  }),
  ...all(false, {
    'nothing but space': bytesOf('  '),
    'an array': bytesOf('[]'),
    'a string': bytesOf('"a"'),
    'a number': bytesOf('1'),
    null: bytesOf('null'),
    'a byte order mark in front': bytesOf('\xef\xbb\xbf{}'),
    'a form feed in front': bytesOf('\f{}'),
    'a no-break space in front': bytesOf('\xc2\xa0{}'),
    'a second object': bytesOf('{}{}'),
    'a trailing comma': bytesOf('{},'),
    'trailing text': bytesOf('{} x'),
    'a trailing null byte': bytesOf('{}\0'),
    'a comment': bytesOf('{} // done'),
    'UTF-16': Buffer.from('{"a": 1}', 'utf16le'),
  }),
];

export const JSON_CASES: readonly JsonCase[] = [...NUMBERS, ...NO_NUMBERS, ...WORDS, ...STRINGS, ...UTF8, ...WHOLE];

/** A session with every kind of token in it, short enough to be damaged at every byte. */
export const SAMPLE = Buffer.from(
  '{"db": "shop", "uid": 7, "login": "j\u00f6\\u00e9", "context": {"lang": "en_US", "tz": false, "l": [1, -2.5e+3]},' +
    ' "debug": "", "_trace": [], "x": NaN, "y": -Infinity, "create_time": 1700000000.25, "z": [null, true]}',
);
