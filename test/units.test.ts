import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, parseBytes, parseCount, parseDurationMs } from '../src/units.js';

describe('a duration', () => {
  it.each([
    ['7d', 604_800_000],
    ['3h', 10_800_000],
    ['1.5m', 90_000],
    ['2 w', 1_209_600_000],
    ['90s', 90_000],
    ['250ms', 250],
    ['1D', 86_400_000],
    [' 5s ', 5000],
    ['0.1ms', 0],
  ])('is read from %j', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(['', '7', 'd', '7x', '-7d', '7d3h', '1e3s', '.5h', '5.h', '٧d', '7dd', '1,5h', 'Infinityd', '7constructor'])(
    'is not %j',
    (text) => {
      expect(parseDurationMs(text)).toBeNaN();
    },
  );

  it.each([
    [0, '0.0 s'],
    [812, '0.8 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [41_000, '41 s'],
    [59_499, '59 s'],
    [59_999, '1 min'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [3_661_000, '1 h 1 min'],
    [86_400_000, '1 d'],
    [97_200_000, '1 d 3 h'],
    [86_461_000, '1 d'],
    [604_800_000, '7 d'],
  ])('of %i ms is shown as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('a count', () => {
  it.each([
    ['250', 250],
    ['5k', 5000],
    ['1M', 1_000_000],
    ['1.5k', 1500],
    ['2G', 2_000_000_000],
    ['0.5', 0.5],
    ['0', 0],
  ])('is read from %j', (text, count) => {
    expect(parseCount(text)).toBe(count);
  });

  it.each(['', 'k', '5kk', '5x', '-5', '+5', '1e3', '0x10', '5 000', '1,000', 'NaN', '5kib'])('is not %j', (text) => {
    expect(parseCount(text)).toBeNaN();
  });

  it('is shown with its thousands apart', () => {
    expect([0, 999, 20_000, 8_000_000, 1231.5].map(formatCount)).toEqual(['0', '999', '20,000', '8,000,000', '1,232']);
  });
});

describe('a size', () => {
  it.each([
    ['1MiB', 1_048_576],
    ['64k', 65_536],
    ['500b', 500],
    ['1.5KiB', 1536],
    ['2 GiB', 2_147_483_648],
  ])('is read from %j', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(['', '64', 'MiB', '1TB', '1kb', '-1b'])('is not %j', (text) => {
    expect(parseBytes(text)).toBeNaN();
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [287_982, '281 KiB'],
    [1_048_576, '1.00 MiB'],
    [98_000_000, '93.5 MiB'],
    [2 ** 40, '1.00 TiB'],
  ])('of %i bytes is shown as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('is never shown in powers of ten, which nobody reads', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 51 }), (bytes) => {
        expect(formatBytes(bytes)).toMatch(/^\d+(\.\d+)? ([KMGT]i)?B$/);
      }),
      { examples: [[1_030_000], [1_048_575], [1_023_900], [1_098_961_871_962_112], [2 ** 50]] },
    );
  });
});
