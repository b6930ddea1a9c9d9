import { afterAll, describe, expect, it } from 'vitest';
import { encodeValue } from '../../../src/applications/odoo/encode-value.js';
import { pickleProtocolOf, SessionParser } from '../../../src/applications/odoo/parse.js';
import { MalformedSession, UnsupportedSession } from '../../../src/errors.js';
import { ByteSink, mostEncoded, SinkFull } from '../../../src/python/sink.js';
import { newFacts, resetFacts } from '../../../src/session.js';
import { WorkMeter } from '../../support/work-meter.js';

const SMALL = 16 * 1024;
const LARGE = 4 * SMALL;

/** Of work of a file four times as large. */
const MOST_GROWTH = 5;

/** A byte of a session takes some ten steps; hostile ones may take more. 50 ms for 64 KiB are some thousand of them. */
const MOST_STEPS_PER_BYTE = 400;

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer).toString('latin1');
const two = (i: number) => String.fromCharCode(0x80 + (i >> 7), 0x80 + (i & 0x7f));
const six = (i: number) => String(i).padStart(6, '0');
const chr = String.fromCharCode;

/** A login in whose member `x` something is repeated until the file has that size. */
function repeated(part: (i: number) => string, before = '', after = ''): (size: number) => string {
  return (size) => {
    let text = `\x80\x02}(U\x03uidK\x07U\x01x${before}`;
    for (let i = 0; text.length < size - after.length - 2; i++) text += part(i);
    return `${text}${after}u.`;
  };
}

const json = (value: (room: number) => string) => (size: number) => `{"uid": 7, "x": ${value(size - 20)}}`;
const filled = (part: string) => (room: number) => part.repeat(Math.floor(room / part.length));

const KEYS = Array.from({ length: 15 }, (_, i) => {
  const text = Buffer.from('é'.repeat(126)).toString('latin1');
  return `U\xfe${text}${chr(65 + i)}aq${chr(i)}0`;
}).join('');

const PICKLES: Readonly<Record<string, (size: number) => string>> = {
  'digits of a float': (size) => `}S'uid'\nF${'1'.repeat(size)}x\ns.`,
  'digits of a fraction': (size) => `}S'uid'\nF.${'1'.repeat(size)}e+x\ns.`,
  'digits of an int': (size) => `}S'uid'\nI${'1'.repeat(size)}\ns.`,
  'octal digits': (size) => `}S'uid'\nI0${'7'.repeat(size)}\ns.`,
  'underscores of an int': (size) => `}S'uid'\nL${'1_'.repeat(size / 2)}1L\ns.`,
  'white space before an int': (size) => `}S'uid'\nI${' '.repeat(size)}x\ns.`,
  'digits of a memo place': (size) => `}S'uid'\np${'0'.repeat(size)}x\ns.`,
  'escapes of a byte text': (size) => `}S'uid'\nS'${'\\x41'.repeat(size / 4)}\\'\ns.`,
  'backslashes of a text': (size) => `}S'uid'\nV${'\\'.repeat(size)}u\ns.`,
  'names of classes': (size) => `}S'uid'\nc${'a.'.repeat(size / 2)}\nB\ns.`,
  'text keys': repeated((i) => `U\x06${six(i)}N`, '}(', 'u'),
  'text keys that are numbers': repeated((i) => `X\x06${'\0'.repeat(3)}${six(i * 65_536)}N`, '}(', 'u'),
  'text keys of Python 2 that are not ASCII': repeated((i) => `U\x08\xc3\xa9${six(i)}N`, '}(', 'u'),
  'text keys that are no UTF-8': repeated((i) => `U\x07\xff${six(i)}N`, '}(', 'u'),
  'int keys': repeated((i) => `J${u32(i * 65_536)}N`, '}(', 'u'),
  'int keys of nine bytes': repeated((i) => `\x8a\x09${'\0'.repeat(4)}${u32(i)}\x01N`, '}(', 'u'),
  'float keys': repeated((i) => `G\x40${u32(i)}\0\0\0N`, '}(', 'u'),
  'tuples as keys': repeated((i) => `J${u32(i)}K\x01\x86N`, '}(', 'u'),
  'one key after another': repeated((i) => `U\x06${six(i)}Ns`, '}'),
  'the same keys, set again': repeated((i) => `h${chr(i % 15)}Ns`, `${KEYS}}`),
  'the same long key, set again': repeated(() => 'h\0Ns', `T${u32(4000)}${'k'.repeat(4000)}q\0}`),
  'the same tuple of tuples, set again': repeated(() => 'h\x0aNs', `${tuples(10)}}`),
  'a list of pairs, made a dict again': repeated(
    () => 'h\x21h\x20\x85R0',
    `${KEYS}]q\x20(${Array.from({ length: 900 }, (_, i) => `h${chr(i % 15)}N\x86`).join('')}e0ccollections\nOrderedDict\nq\x21`,
  ),
  'a list, made a set again': repeated(
    () => 'h\x21h\x20\x85R0',
    `]q\x20(${Array.from({ length: 1500 }, (_, i) => `M${two(i)}`).join('')}e0c__builtin__\nset\nq\x21`,
  ),
  'a MultiDict, filled again': repeated(
    () => 'h\x20b',
    `}q\x20(${Array.from({ length: 900 }, (_, i) => `M${two(i)}]`).join('')}u0cwerkzeug.datastructures\nMultiDict\n)R`,
  ),
  'bytes, copied again': repeated(
    () => 'h\x21h\x20\x85R0',
    `B${u32(8000)}${'x'.repeat(8000)}q\x200c__builtin__\nbytearray\nq\x21`,
  ),
  'text, made bytes again': repeated(
    () => 'h\x21h\x20h\x22\x86R0',
    `X${u32(8000)}${'x'.repeat(8000)}q\x200U\x06latin1q\x220c_codecs\nencode\nq\x21`,
  ),
  'objects of a subclass': repeated((i) => `cmodule\nClass\n)\x81}(U\x06${six(i)}Nub`, '](', 'e'),
  'dates in a set': repeated((i) => `cdatetime\ndate\nU\x04\x07\xd0\x01${chr(1 + (i % 28))}\x85R`, '](', 'e'),
  'places in the memo': repeated((i) => `r${u32(i)}`, 'N'),
  'places in the memo, from behind': repeated((i) => `r${u32(100_000 - i)}`, 'N'),
  marks: repeated(() => '(0'),
  'lists in lists': repeated(() => ']', '', ''),
  'a text, written again and again': repeated(() => 'h\0', `X${u32(1000)}${'x'.repeat(1000)}q\0](`, 'e'),
  'a bomb of lists': repeated(() => 'h\x0b', `${lists(10)}](`, 'e'),
  'an int of thousands of digits, written again': repeated(
    () => 'h\0',
    `\x8b${u32(1700)}${'\x7f'.repeat(1700)}q\0](`,
    'e',
  ),
  'a list that holds itself': repeated(() => 'h\0h\0a', ']q\0'),
};

const JSONS: Readonly<Record<string, (size: number) => string>> = {
  digits: json(filled('9')),
  'digits of a fraction': json((room) => `0.${'9'.repeat(room)}e`),
  'lists in lists': json((room) => `${'['.repeat(room / 2)}${']'.repeat(room / 2)}`),
  'many numbers': json((room) => `[${filled('1.5,')(room)}1]`),
  'escapes in text': json((room) => `"${filled('\\u00e9')(room)}"`),
  'wide text': json((room) => `"${filled('\xc3\xa9')(room)}"`),
  'wide text that ends in the middle': json((room) => `"${filled('\xc3\xa9')(room)}\xc3"`),
  'white space': json((room) => `[${' '.repeat(room)}]`),
  'white space in a list that decides': (size) => `{"uid": [${' '.repeat(size)}]}`,
  'digits of an expiration': (size) => `{"uid": 7, "expiration": ${'9'.repeat(size / 2)}.${'9'.repeat(size / 2)}}`,
  'a long text for an expiration': (size) => `{"uid": 7, "expiration": "${'9'.repeat(size)}"}`,
  'carts of the same name': (size) => `{${filled('"website_sale_x": 1, ')(size)}"uid": 7}`,
  carts: (size) => `{${Array.from({ length: size / 26 }, (_, i) => `"website_sale_${six(i)}": 1, `).join('')}"uid": 7}`,
  'databases, again and again': (size) =>
    `{${Array.from({ length: size / 16 }, (_, i) => `"db": "${six(i)}", `).join('')}"uid": 7}`,
  'keys in quotes with escapes': (size) => `{${filled('"\\u0041": 1, ')(size)}"uid": 7}`,
  keys: json((room) => `{${Array.from({ length: room / 12 }, (_, i) => `"${six(i)}": 1`).join(', ')}}`),
};

function tuples(levels: number): string {
  let text = 'K\x01\x85q\x01';
  for (let level = 2; level <= levels; level++) text += `0h${chr(level - 1)}h${chr(level - 1)}\x86q${chr(level)}`;
  return `${text}0`;
}

function lists(levels: number): string {
  let text = `](${'N'.repeat(10)}eq\x01`;
  for (let level = 2; level <= levels + 1; level++) text += `0](${`h${chr(level - 1)}`.repeat(10)}eq${chr(level)}`;
  return `${text}0`;
}

const READERS = [
  { encoding: 'c2c-json', pickleProtocol: 4, oldestVerbatimProtocol: 0 },
  { encoding: 'json', pickleProtocol: 4, oldestVerbatimProtocol: 0 },
  { encoding: 'pickle', pickleProtocol: 2, oldestVerbatimProtocol: 3 },
] as const;

const meter = new WorkMeter(/\/test\/applications\/odoo\/parse-work\.test/);
const parser = new SessionParser();
const facts = newFacts();
const sink = new ByteSink(1024, 0);

/** Steps that it takes to read a file and to make what each kind of reader expects of it. */
function workOf(text: string): number {
  const bytes = Buffer.from(text, 'latin1');
  meter.take();
  let most = 0;
  for (const reader of READERS) {
    try {
      const root = parser.parse(bytes, bytes.length, resetFacts(facts));
      sink.length = 0;
      sink.maxBytes = mostEncoded(bytes.length, 2 ** 20);
      encodeValue(reader, bytes, facts.format === 'pickle' ? pickleProtocolOf(bytes) : -1, root, sink);
    } catch (error) {
      const isKnown = [MalformedSession, UnsupportedSession, SinkFull].some((known) => error instanceof known);
      if (!isKnown) throw error;
    }
    most = Math.max(most, meter.take());
  }
  return most;
}

describe('the work of a file', () => {
  afterAll(() => meter.close());

  it.each([...Object.entries(PICKLES), ...Object.entries(JSONS)])('grows with its size alone: %s', (_, shape) => {
    // Once before, so that whatever is made once is there.
    workOf(shape(1024));
    const [small, large] = [workOf(shape(SMALL)), workOf(shape(LARGE))];
    expect(small).toBeGreaterThan(0);
    expect(large).toBeLessThan(small * MOST_GROWTH);
    expect(large).toBeLessThan(LARGE * MOST_STEPS_PER_BYTE);
  });

  it('is counted where it grows with the square', () => {
    const look = (size: number) => {
      meter.take();
      let same = 0;
      for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) if (i === j) same++;
      expect(same).toBe(size);
      return meter.take();
    };
    look(2);
    expect(look(400)).toBeGreaterThan(look(100) * MOST_GROWTH);
  });
});
