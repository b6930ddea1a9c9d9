import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { unpickle } from '../../src/python/pickle/read.js';
import { PyDict, type PySet, PyTuple } from '../../src/python/values.js';

function read(latin1: string): unknown {
  return unpickle(Buffer.from(latin1, 'latin1'));
}

function sizeOf(latin1: string): number {
  return (read(latin1) as PyDict | PySet).keys.length;
}

describe('keys that are equal in Python', () => {
  it.each([
    ['tuples', '(K\x01K\x02\x86K\x01K\x02\x86\x91.', 1],
    ['tuples of other order', '(K\x01K\x02\x86K\x02K\x01\x86\x91.', 2],
    ['a tuple of 1 and one of True and 1.0', '(K\x01\x85\x88\x85G\x3f\xf0\0\0\0\0\0\0\x85\x91.', 1],
    ['a tuple of text and one of as many bytes', '(X\x01\0\0\0a\x85C\x01a\x85\x91.', 2],
    ['tuples whose texts join alike', '(X\x02\0\0\0abX\x01\0\0\0c\x86X\x01\0\0\0aX\x02\0\0\0bc\x86\x91.', 2],
    ['bytes', '(C\x01aC\x01aC\x01b\x91.', 2],
    ['frozen sets in whatever order', '((K\x01K\x02\x91(K\x02K\x01\x91\x91.', 1],
    ['dates', `(${'cdatetime\ndate\nC\x04\x07\xea\x0b\x1a\x85R'.repeat(2)}\x91.`, 1],
    ['None and the text that stands for nothing', '(NX\0\0\0\0\x91.', 2],
    ['a tuple and the text that its identity looks like', `(K\x01\x85X\x06\0\0\0\xef\xbf\xbft2:\x91.`, 2],
    ['keys of a dict', '}(K\x01\x85NK\x01\x85Nu.', 1],
  ])('are one, others are not: %s', (_, pickle, size) => {
    expect(sizeOf(pickle)).toBe(size);
  });

  it('are one among many as well', () => {
    const items = Array.from({ length: 40 }, (_, i) => `K${String.fromCharCode(i)}\x85`).join('');
    expect(sizeOf(`(${items}${items}\x91.`)).toBe(40);
  });

  it('hold nothing that has no hash, however deep', () => {
    expect(() => read('(]\x85\x85\x91.')).toThrow('unhashable item');
    expect(() => read('}(N]\x86\x85Nu.')).toThrow('unhashable key');
  });

  it('are not looked into without end', () => {
    expect(() => read(`(N${'\x85'.repeat(90_000)}\x91.`)).toThrow('key nested more than');
    // A tuple of itself twice, sixty times over: 2 ** 60 items to whom counts them one by one.
    expect(sizeOf(`(N${'2\x86'.repeat(60)}\x91.`)).toBe(1);
  });
});

describe('the index of many keys', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is asked for nothing whose hash a file can foresee: no number, and no text that looks like one', () => {
    const asked: unknown[] = [];
    const get = Map.prototype.get;
    vi.spyOn(Map.prototype, 'get').mockImplementation(function (this: Map<unknown, unknown>, key: unknown) {
      if (asked.length < 100_000) asked.push(key);
      return get.call(this, key);
    });
    const texts = Array.from({ length: 100 }, (_, i) => `X\x03\0\0\0${String(i + 100)}N`).join('');
    const ints = Array.from({ length: 100 }, (_, i) => `M${String.fromCharCode(i)}\x05N`).join('');
    const big = Array.from({ length: 100 }, (_, i) => `\x8a\x0a${'\0'.repeat(8)}${String.fromCharCode(i + 1)}\x01N`);
    const floats = Array.from({ length: 100 }, (_, i) => `G\x40\x09${'\0'.repeat(5)}${String.fromCharCode(i)}N`);
    expect(sizeOf(`}(${texts}${ints}${big.join('')}${floats.join('')}u.`)).toBe(400);
    vi.restoreAllMocks();
    expect(asked.length).toBeGreaterThan(300);
    const foreseen = asked.filter(
      (key) => typeof key === 'number' || typeof key === 'bigint' || /^\d/.test(String(key)),
    );
    expect(foreseen).toEqual([]);
  });

  it('is not needed to ask for a key of the same meaning', () => {
    const dict = new PyDict();
    dict.set('1', 'text');
    dict.set(new PyTuple([1, 'a']), 'tuple');
    expect(dict.get('1')).toBe('text');
    expect(dict.get(1)).toBeUndefined();
    expect(dict.get(new PyTuple([1, 'a']))).toBe('tuple');
  });
});

describe('the parsers', () => {
  /** Regular expressions that repeat something without a bound may look at each character once for each other one. */
  const UNBOUNDED = /(?<!\\)[*+](?![*/])|\{\d+,\}/;

  const READS = /^(?:parse|python\/pickle)\/.*\.ts$|^python\/(?:equal-keys|json-read|text|values)\.ts$/;

  it('match no regular expression of unbounded length against what files hold', () => {
    const root = new URL('../../src/', import.meta.url);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => READS.test(path));
    const found: string[] = [];
    for (const path of files) {
      const source = readFileSync(new URL(path, root), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
      for (const [, literal] of source.matchAll(
        /(?:[=(,:!]|return) *\/((?:\\.|\[(?:\\.|[^\]])*\]|[^/\n])+)\/[a-z]*/g,
      )) {
        const pattern = (literal as string).replace(/\[(?:\\.|[^\]])*\]/g, 'c');
        if (UNBOUNDED.test(pattern)) found.push(`${path}: ${literal}`);
      }
    }
    expect(files.length).toBeGreaterThan(10);
    expect(found).toEqual([]);
    expect(UNBOUNDED.test('^c+\\.?c*$')).toBe(true);
  });
});
