import { describe, expect, it } from 'vitest';
import { escapedBytes, rawUnicodeEscape } from '../../../src/python/pickle/literals.js';

describe('rawUnicodeEscape', () => {
  // Expected values are those of Python's bytes.decode('raw-unicode-escape').
  it.each<[string, string | null]>([
    ['plain \xe9', 'plain \xe9'],
    ['\\u00e9\\U0001f600', 'é😀'],
    ['\\ud83d\\ude00', '😀'],
    ['\\ud83d', '\ud83d'],
    ['a\\nb', 'a\\nb'],
    ['\\\\u0041', '\\\\u0041'],
    ['\\\\\\u0041', '\\\\A'],
    ['end\\', 'end\\'],
    ['\\u12', null],
    ['\\u12g4', null],
    ['\\U0001f60', null],
    ['\\U00110000', null],
    ['\\u', null],
    ['\\u0041\\u', null],
  ])('%j is %j', (line, expected) => {
    expect(rawUnicodeEscape(line)).toBe(expected);
  });
});

describe('escapedBytes', () => {
  // Expected values are those of Python's codecs.escape_decode.
  it.each<[string, string | null]>([
    ['plain \xe9', 'plain \xe9'],
    ['\\x00\\xFf', '\0\xff'],
    ['\\n\\r\\t\\a\\b\\f\\v', '\n\r\t\x07\b\f\v'],
    ['\\\\\\\'\\"', '\\\'"'],
    ['\\0\\18\\777', '\0\x018\xff'],
    ['\\q\\8', '\\q\\8'],
    ['\\x4', null],
    ['\\xg0', null],
    ['end\\', null],
    ['end\\\\', 'end\\'],
  ])('%j is %j', (quoted, expected) => {
    expect(escapedBytes(quoted)).toBe(expected);
  });
});
