import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonScanner } from '../../../src/applications/odoo/json-scan.js';
import { MalformedSession } from '../../../src/errors.js';
import { newFacts } from '../../../src/session.js';
import { JSON_CASES, SAMPLE } from '../../support/json-cases.js';

const scanner = new JsonScanner();

/** The reason and the byte of a reject, null for a session; any other error fails the test. */
function rejectOf(bytes: Buffer): MalformedSession | null {
  try {
    scanner.scan(bytes, 0, bytes.length, newFacts());
    return null;
  } catch (error) {
    if (error instanceof MalformedSession) return error;
    throw error;
  }
}

const isSession = (bytes: Buffer): boolean => rejectOf(bytes) === null;

/** Older ones have no limit on the digits of an integer. */
const hasPython = spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0;

/** Reads as a Redis reader and Odoo do: decode as UTF-8, json.loads, and no session but a dict. */
const PYTHON = `
import base64, json, sys
def is_session(text):
    try:
        return isinstance(json.loads(base64.b64decode(text).decode("utf-8")), dict)
    except ValueError:
        return False
json.dump([is_session(text) for text in json.load(sys.stdin)], sys.stdout)
`;

function askPython(texts: readonly Buffer[]): boolean[] {
  const input = JSON.stringify(texts.map((text) => text.toString('base64')));
  const { stdout, stderr, status } = spawnSync('python3', ['-c', PYTHON], {
    input,
    maxBuffer: 2 ** 28,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`python3 failed: ${stderr}`);
  return JSON.parse(stdout) as boolean[];
}

/** The sample with each byte in turn replaced by bytes that mean something to JSON or UTF-8. */
function* damaged(): Generator<Buffer> {
  const replacements = Buffer.from(' \n\0"\\{}[]:,-+.0159eEuINtfn/\x7f\x80\xbf\xc3\xed\xff', 'latin1');
  for (let i = 0; i < SAMPLE.length; i++) {
    for (const byte of replacements) {
      const copy = Buffer.from(SAMPLE);
      copy[i] = byte;
      yield copy;
    }
    yield Buffer.concat([SAMPLE.subarray(0, i), SAMPLE.subarray(i + 1)]);
  }
}

/** Words of JSON in any order, which comes closer to JSON than bytes in any order do. */
const WORDS = ['{', '}', '{"a":', '[', ']', ',', ':', '"k"', '"', '\\', '\\u00e9', '1', '0', '-', '.5', 'e9', 'NaN'];
const soup = fc
  .array(fc.constantFrom(...WORDS, 'Infinity', 'true', 'null', ' ', '\n', '\x00', '\u00e9', '\ud83d\ude00'), {
    maxLength: 9,
  })
  .map((words) => Buffer.from(`{"a":${words.join('')}}`));

describe('the JSON of a session', () => {
  it.each(JSON_CASES)('is taken or not, as Python would: $name', ({ bytes, isSession: wanted }) => {
    expect(isSession(bytes)).toBe(wanted);
  });

  it.skipIf(!hasPython)(
    'is judged as the real Python judges it: each case, each damage to a sample, and word soup',
    () => {
      const others = [...damaged(), ...fc.sample(soup, { numRuns: 20_000, seed: 1 })];
      const verdicts = askPython([...JSON_CASES.map(({ bytes }) => bytes), ...others]);

      const wrongCases = JSON_CASES.filter((each, i) => each.isSession !== verdicts[i]).map(({ name }) => name);
      expect(wrongCases).toEqual([]);
      const ofOthers = verdicts.slice(JSON_CASES.length);
      const disagreed = others
        .filter((bytes, i) => isSession(bytes) !== ofOthers[i])
        .map((bytes) => bytes.toString('latin1'));
      expect(disagreed).toEqual([]);
      // Both verdicts must occur, or agreement would mean little.
      expect(ofOthers.filter(Boolean).length).toBeGreaterThan(500);
      expect(ofOthers.filter((verdict) => !verdict).length).toBeGreaterThan(500);
    },
  );

  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
    ['both in turn', '[{"a":', '}]'],
  ])('may nest 500 deep in %s, and not one level more', (_what, open, close) => {
    const levels = open.startsWith('[{') ? 2 : 1;
    const nested = (depth: number) => Buffer.from(`{"v":${open.repeat(depth)}1${close.repeat(depth)}}`);
    expect(isSession(nested(500 / levels))).toBe(true);
    expect(rejectOf(nested(500 / levels + 1))?.reason).toBe('nested deeper than 500 levels');
  });

  it('costs no stack and little time where a megabyte of brackets says to nest for ever', () => {
    for (const open of ['[', '{"a":', '[{"a":']) {
      expect(rejectOf(Buffer.from(`{"v":${open.repeat(200_000)}`))?.reason).toBe('nested deeper than 500 levels');
    }
  });

  it.each([
    ['{"a": 1, "b": 01}', 'a comma or } is missing', 15],
    ['{"a": 1, "b": }', 'a value is missing', 14],
    ['{"a": 1,}', 'a key in double quotes is missing', 8],
    ['{"a" 1}', 'a colon is missing behind a key', 5],
    ['{"a": [1 2]}', 'a comma or ] is missing', 9],
    ['{"a": "b\nc"}', 'a control character stands unescaped in a string', 8],
    ['{"a": "\\x"}', 'an unknown escape stands in a string', 8],
    ['{"a": "\\u12g"}', 'a \\u escape has fewer than four hex digits', 11],
    ['{"a": 1.x}', 'a digit is missing behind the decimal point', 8],
    ['{"a": 1ex}', 'a digit is missing in the exponent', 8],
    [`{"a": -${'1'.repeat(4301)}}`, 'an integer has more than 4300 digits', 6],
    ['{"a": 1} x', 'there is text after the end of the object', 9],
    [' [1]', 'a session is a JSON object, and this does not start with {', 1],
    ['{"a": "b', 'the text ends in the middle', 8],
    ['{"a"', 'the text ends in the middle', 4],
    ['{"a": "\xe9\xe9", "b": "\xc3\xa9"}', 'the text is not valid UTF-8', 7],
    ['{"a": "\xc3\xa9", "b": "\xf0\x9f\x98\x80\xf0\x9f"}', 'the text is not valid UTF-8', 22],
  ])('that is broken is rejected with the reason and its byte: %s', (text, reason, offset) => {
    expect(rejectOf(Buffer.from(text, 'latin1'))).toMatchObject({ reason, offset });
  });

  it('is rejected wherever it is cut off, at a byte no later than the end', () => {
    for (let length = 0; length < SAMPLE.length; length++) {
      const reject = rejectOf(SAMPLE.subarray(0, length));
      expect(reject, `cut at ${length}`).not.toBeNull();
      expect(reject?.offset).toBeLessThanOrEqual(length);
    }
    expect(isSession(SAMPLE)).toBe(true);
  });

  it('ends where it is said to end, whatever lies behind it in a buffer that is used again', () => {
    const buffer = Buffer.from('{"a": 1}}}}"uid": 7}');
    const facts = newFacts();
    scanner.scan(buffer, 0, 8, facts);
    expect(facts.isAuthenticated).toBe(false);
    expect(() => scanner.scan(buffer, 0, 7, facts)).toThrow(MalformedSession);
  });

  it('is a session or malformed, and nothing else, whatever the bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map((random) => Buffer.concat([Buffer.from('{"'), random]));
    fc.assert(
      fc.property(fc.oneof(bytes, soup), (text) => {
        expect(() => rejectOf(text)).not.toThrow();
      }),
      { numRuns: 5000 },
    );
  });

  it('is a session or malformed whichever bit of it has flipped', () => {
    const verdicts = new Set<boolean>();
    for (let bit = 0; bit < SAMPLE.length * 8; bit++) {
      const flipped = Buffer.from(SAMPLE);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      verdicts.add(isSession(flipped));
    }
    expect(verdicts).toEqual(new Set([true, false]));
  });
});
