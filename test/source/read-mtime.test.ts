import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SessionReader } from '../../src/source/read.js';
import { realFileSystem } from '../../src/system/file-system.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const file = `${temporaryDirectory()}/session`;
writeFileSync(file, '{}');

/** mtime as the reader gives it, of a file saved at that time. */
function readAt(time: string): number {
  execFileSync('touch', ['-d', time, file]);
  const reader = new SessionReader(realFileSystem, 100);
  expect(reader.read(file)).toBeNull();
  return reader.mtimeMs;
}

describe('the time of the last save', () => {
  it.each([
    [1_700_000_000, 0, 1_700_000_000_000],
    [1_700_000_000, 1, 1_700_000_000_000],
    [1_700_000_000, 999_999, 1_700_000_000_000],
    [1_700_000_000, 1_000_000, 1_700_000_000_001],
    [1_700_000_000, 123_456_789, 1_700_000_000_123],
    [1_700_000_000, 123_999_999, 1_700_000_000_123],
    [1_700_000_000, 999_999_999, 1_700_000_000_999],
    [4_000_000_000, 999_999_999, 4_000_000_000_999],
    [0, 0, 0],
    [0, 999_999_999, 999],
  ])('at %i s and %i ns is %i ms: rounded down, never up', (seconds, nanoseconds, milliseconds) => {
    expect(readAt(`@${seconds}.${String(nanoseconds).padStart(9, '0')}`)).toBe(milliseconds);
  });

  it('would be a millisecond late if it were taken from the double that Node gives', () => {
    readAt('@1700000000.999999999');
    expect(Math.floor(realFileSystem.statSync(file).mtimeMs)).toBe(1_700_000_001_000);
  });

  it.each([
    ['23:59:58.500000000', -1500],
    ['23:59:58.500000001', -1500],
    ['23:59:58.999999999', -1001],
    ['23:59:59.000000000', -1000],
  ])('may lie before 1970, where down is further from zero: %s is %i ms', (time, milliseconds) => {
    expect(readAt(`1969-12-31T${time}Z`)).toBe(milliseconds);
  });
});
