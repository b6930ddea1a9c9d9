import { describe, expect, it } from 'vitest';
import { EXIT, OperatorError } from '../../src/errors.js';
import { errorCode, explained, isDeadMount } from '../../src/system/errno.js';
import { systemError } from '../support/system-errors.js';

describe('the name of a system error', () => {
  it.skipIf(process.platform !== 'linux').each([
    ['ESTALE', 116],
    ['EUCLEAN', 117],
    ['EHOSTDOWN', 112],
    ['EREMOTEIO', 121],
    ['EDQUOT', 122],
    ['EKEYEXPIRED', 127],
    ['errno 4095', 4095],
  ])('is %s for number %i, which Node has no name for', (name, errno) => {
    const error = Object.assign(new Error('x'), { code: `Unknown system error -${errno}`, errno: -errno });
    expect(errorCode(error)).toBe(name);
  });

  it('is what a SystemError keeps to itself, or the code of any other error', () => {
    const home = Object.assign(new Error('x'), { code: 'ERR_SYSTEM_ERROR', errno: -2, info: { code: 'ENOENT' } });
    expect(errorCode(home)).toBe('ENOENT');
    expect(errorCode(Object.assign(new Error('x'), { code: 'ERR_DIR_CLOSED' }))).toBe('ERR_DIR_CLOSED');
    expect(errorCode(new Error('x'))).toBe('');
    expect(errorCode('EIO')).toBe('');
  });
});

describe('a system error without a better owner', () => {
  it.each([
    ['EIO', EXIT.temporary, /^the system said EIO to read \/x: check the disk, then run the same line again$/],
    ['ESTALE', EXIT.temporary, /mount it again/],
    ['EACCES', EXIT.permission, /check who may use it/],
    ['EROFS', EXIT.permission, /check who may use it/],
  ] as const)('becomes a sentence: %s', (code, exitCode, message) => {
    const sentence = explained(systemError(code, 'read', '/x'));
    expect(sentence).toBeInstanceOf(OperatorError);
    expect(sentence).toMatchObject({ exitCode, message: expect.stringMatching(message) });
  });

  it('is told from a mistake of the program, which stays what it is', () => {
    for (const error of [new TypeError('no'), Object.assign(new Error('no'), { code: 'ERR_INVALID_ARG_TYPE' }), 7]) {
      expect(explained(error)).toBe(error);
    }
  });

  it('says whether the whole file system is away', () => {
    expect(['ENOTCONN', 'ESTALE', 'EHOSTDOWN', 'EIO', 'ENOENT'].map(isDeadMount)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
