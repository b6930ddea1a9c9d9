import { afterAll, describe, expect, it } from 'vitest';
import type { FormatName } from '../../../src/applications/formats/formats.js';
import { WorkMeter } from '../../support/work-meter.js';

const SMALL = 16 * 1024;
const LARGE = 4 * SMALL;
/** Of work of a file four times as large. */
const MOST_GROWTH = 5;

const filled = (before: string, part: string, after: string) => (size: number) =>
  before + part.repeat(Math.floor((size - before.length - after.length) / part.length)) + after;

const HOSTILE: readonly (readonly [FormatName, string, (size: number) => string])[] = [
  ['php', 'names without values', filled('', 'x', '')],
  ['php', 'bars', filled('', '|', '')],
  ['php', 'variables', filled('', 'a|N;', '')],
  ['php', 'open arrays', filled('x|', 'a:1:{i:0;', '')],
  ['php', 'references', filled('x|N;', 'y|R:1;', '')],
  ['php', 'digits of a length', filled('x|s:', '0', '')],
  ['php', 'mangled names', filled('x|a:9:{', 's:3:"\0\0\0";N;', '')],
  ['php', 'a name of NULs', filled('x|O:1:"A":1:{s:9999:"\0', 'x', '')],
  ['php', 'classes', filled('', 'x|O:1:"A":0:{}', '')],
  ['php_serialize', 'one long text', (size) => `a:1:{i:0;s:${size}:"${'x'.repeat(size)}";}`],
  ['php_binary', 'variables', filled('', '\x01aN;', '')],
  ['igbinary', 'new texts', filled('\0\0\0\x02\x16\0\0\x0f\0', '\x11\x01a\x00', '')],
  ['igbinary', 'the same text', filled('\0\0\0\x02\x16\0\0\x0f\0\x11\x01a\x00', '\x0e\x00\x00', '')],
  ['igbinary', 'open arrays', filled('\0\0\0\x02\x14\x01\x06\0', '\x14\x01\x06\0', '')],
  ['json', 'open arrays', filled('', '[', '')],
  ['json', 'backslashes', filled('{"', '\\\\', '"}')],
  ['json', 'digits', filled('{"a":', '1', '}')],
  ['json', 'blanks', filled('{', ' ', '}')],
  ['json', 'wide text', filled('{"a":"', '\xc3\xa9', '"}')],
  ['json', 'members', filled('{"a":1', ',"a":1', '}')],
  ['gob', 'empty messages', filled('', '\x02\x01\0', '')],
  ['gob', 'members', filled('\xfe\xff\xff\x04\0\xfe\xff\xff', '\x01s\x0c\x02\0\0\x01s\x0c\x02\0\0', '')],
  ['django-signed', 'colons', filled('', ':', '')],
  ['django-signed', 'base64', filled('', 'A', '')],
  ['pickle', 'lines', filled('', 'I1\n', '.')],
  ['pickle', 'no lines', filled('I', '1', '')],
  ['laravel-encrypted', 'base64', filled('eyJp', 'AAAA', '')],
];

const meter = new WorkMeter(/\/src\/applications\//);
afterAll(() => meter.close());

describe('the work that hostile content takes grows no faster than its size', () => {
  it.each(HOSTILE)('%s: %s', async (format, _, make) => {
    // Loaded after the meter, so that every block counts.
    const { verdictOf } = await import('../content.js');
    const work = (size: number) => {
      const bytes = Buffer.from(make(size), 'latin1');
      meter.take();
      verdictOf(format, bytes);
      return meter.take();
    };
    work(SMALL);
    expect(work(LARGE)).toBeLessThan(Math.max(MOST_GROWTH * work(SMALL), 5000));
  });
});
