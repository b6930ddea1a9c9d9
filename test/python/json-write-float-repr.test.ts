import { describe, expect, it } from 'vitest';
import { floatRepr } from '../../src/python/json-write.js';

describe('floatRepr', () => {
  // Expected values are those of Python's repr, and of json.dumps for the last three.
  it.each<[number, string]>([
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [-1.5, '-1.5'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [0.00012345, '0.00012345'],
    [1.5e-7, '1.5e-07'],
    [5e-324, '5e-324'],
    [1e15, '1000000000000000.0'],
    [9999999999999998, '9999999999999998.0'],
    [1e16, '1e+16'],
    [123456789012345680, '1.2345678901234568e+17'],
    [1e22, '1e+22'],
    [-1.7976931348623157e308, '-1.7976931348623157e+308'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('%d is %s', (value, expected) => {
    expect(floatRepr(value)).toBe(expected);
  });
});
