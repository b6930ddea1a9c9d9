import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { isThere, remedyFor } from '../../src/system/errno.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const root = temporaryDirectory();
writeFileSync(join(root, 'file'), '');
symlinkSync('loop', join(root, 'loop'));

describe('whether something is there', () => {
  it.each([
    ['file', true],
    ['none', false],
    ['file/below', false],
    ['x'.repeat(5000), false],
    ['zero\0byte', false],
  ])('%s', (name, is) => expect(isThere(join(root, name))).toBe(is));

  it('is said where it cannot be looked at', () => {
    expect(() => isThere(join(root, 'loop/below'))).toThrow(
      expect.objectContaining({ name: 'OperatorError', exitCode: EXIT.permission }),
    );
  });
});

it.each([
  ['EROFS', 'remount it read-write'],
  ['ENOSPC', 'make room'],
  ['EDQUOT', 'make room within the quota'],
  ['EIO', 'check the disk'],
  ['ESTALE', 'mount it again'],
  ['EACCES', 'check who may use it'],
])('%s has its own remedy', (code, remedy) => expect(remedyFor(code)).toBe(remedy));
