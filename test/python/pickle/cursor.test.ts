import { describe, expect, it } from 'vitest';
import { MalformedSession } from '../../../src/errors.js';
import { MAX_MARKS, MAX_MEMO } from '../../../src/python/pickle/cursor.js';
import { unpickle } from '../../../src/python/pickle/read.js';
import { MAX_INT_DIGITS, MAX_OBJECTS } from '../../../src/python/values.js';

function read(latin1: string): unknown {
  return unpickle(Buffer.from(latin1, 'latin1'));
}

const TOO_MANY = `more than ${MAX_OBJECTS} objects`;
const uint32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer).toString('latin1');

describe('the allowance of a pickle', () => {
  it.each(['}', ']', ')', '\x8f', '(l', '(d', '(t', '(\x91', 'N\x85'])('ends with too many objects: %j', (opcode) => {
    expect(() => read(`${opcode.repeat(MAX_OBJECTS)}.`)).not.toThrow();
    expect(() => read(`${opcode.repeat(MAX_OBJECTS + 1)}.`)).toThrow(TOO_MANY);
  });

  it('keeps a file full of empty dicts small', () => {
    const bomb = Buffer.alloc(2 ** 20, '}');
    const before = process.memoryUsage().heapUsed;
    expect(() => unpickle(bomb)).toThrow(TOO_MANY);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(40 * 2 ** 20);
  });

  it.each([
    ['a set of a big list', '](', 'K\x01', 'e\x85', 'c__builtin__\nset\n'],
    ['a mapping of a big list', '](', 'K\x01K\x02\x86', 'e\x85', 'ccollections\nOrderedDict\n'],
    ['a bytearray of big bytes', `B${uint32(400_000)}`, '', `${'x'.repeat(400_000)}\x85`, 'c__builtin__\nbytearray\n'],
  ])('ends when the memo is used to copy again and again: %s', (_, before, item, after, type) => {
    const bomb = `${type}q\0${before}${item.repeat(20_000)}${after}q\x01${'h\0h\x01R0'.repeat(100_000)}.`;
    const start = performance.now();
    expect(() => read(bomb)).toThrow(TOO_MANY);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('ends when two long equal keys are compared again and again', () => {
    const key = `X${uint32(300_000)}${'k'.repeat(300_000)}`;
    const start = performance.now();
    expect(() => read(`${key}q\0${key}q\x01}h\0Ns${'h\x01Ns'.repeat(100_000)}.`)).toThrow(TOO_MANY);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('is by the size of the file: a list of 900 pairs makes no mapping a hundred times in 8 KB', () => {
    const key = (i: number) => `U\xfe${Buffer.from('é'.repeat(126)).toString('latin1')}${String.fromCharCode(65 + i)}a`;
    const keys = Array.from({ length: 15 }, (_, i) => `${key(i)}q${String.fromCharCode(i)}0`).join('');
    const pairs = Array.from({ length: 900 }, (_, i) => `h${String.fromCharCode(i % 15)}N\x86`).join('');
    const mapped = (times: number) =>
      `\x80\x02${keys}]q\x20(${pairs}e0ccollections\nOrderedDict\nq\x210${'h\x21h\x20\x85R0'.repeat(times)}}.`;
    expect(() => read(mapped(100))).toThrow(/more than 1\d{4} objects/);
    expect(() => read(mapped(5))).not.toThrow();
  });

  it('reads billions of references in no time, for it makes no copies', () => {
    let laughs = ']q\0';
    for (let i = 1; i < 200; i++)
      laughs += `](${`h${String.fromCharCode(i - 1)}`.repeat(10)}eq${String.fromCharCode(i)}`;
    const start = performance.now();
    expect(() => read(`${laughs}.`)).not.toThrow();
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('has an end of marks', () => {
    expect(() => read(`${'('.repeat(MAX_MARKS)}N.`)).not.toThrow();
    expect(() => read(`${'('.repeat(MAX_MARKS + 1)}N.`)).toThrow(`more than ${MAX_MARKS} marks`);
  });

  it('has an end of the memo', () => {
    expect(() => read(`Nr${uint32(MAX_MEMO - 1)}.`)).not.toThrow();
    expect(() => read(`Nr${uint32(MAX_MEMO)}.`)).toThrow(MalformedSession);
    expect(() => read(`Nr${uint32(2 ** 32 - 1)}.`)).toThrow(MalformedSession);
  });

  it('has an end of digits, where Python has it', () => {
    const most = '9'.repeat(MAX_INT_DIGITS);
    expect(read(`L-${most}L\n.`)).toBe(BigInt(`-${most}`));
    expect(() => read(`L1${most}L\n.`)).toThrow(MalformedSession);
    expect(() => read(`\x8b${uint32(100_000)}${'\x01'.repeat(100_000)}.`)).toThrow('int of more than');
  });
});
