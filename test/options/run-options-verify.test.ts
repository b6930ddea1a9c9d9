import { describe, expect, it } from 'vitest';
import { optionsOfLine, type RawOptions } from '../support/options.js';

const verifyOf = (raw: RawOptions) => optionsOfLine({ to: 'redis://localhost', ...raw }, {}, 'verify').verify;

describe('the options of verify', () => {
  it.each<[RawOptions, object]>([
    [{}, { expiryToleranceMs: 1000, sample: null }],
    [{ sample: '3000' }, { expiryToleranceMs: 1000, sample: 3000 }],
    [{ sample: '3k' }, { expiryToleranceMs: 1000, sample: 3000 }],
    [{ 'expiry-tolerance': '0s' }, { expiryToleranceMs: 0, sample: null }],
    [{ 'expiry-tolerance': '5m' }, { expiryToleranceMs: 300_000, sample: null }],
  ])('%j come to %j', (raw, options) => {
    expect(verifyOf(raw)).toEqual(options);
  });

  it.each<[RawOptions, string]>([
    [{ sample: '0' }, '--sample is "0": write a whole number of sessions, as in 3000'],
    [{ sample: '1.5' }, '--sample is "1.5"'],
    [{ sample: '5%' }, '--sample is "5%"'],
    [{ 'expiry-tolerance': '5' }, '--expiry-tolerance is "5": write a time, as in 1s or 5m'],
    [{ 'expiry-tolerance': '-1s' }, '--expiry-tolerance is "-1s"'],
  ])('refuse %j', (raw, message) => {
    expect(() => verifyOf(raw)).toThrow(message);
  });
});
