import { expect, it } from 'vitest';
import { Op } from '../../../src/python/pickle/opcodes.js';
import { askPython, hasPython } from '../../support/python-oracle.js';

it.skipIf(!hasPython)('names every opcode as pickletools does', () => {
  const [theirs] = askPython<Record<string, number>>([['opcodes', null]]);
  expect(Object.fromEntries(Object.entries(Op).filter(([name]) => !/^\d+$/.test(name)))).toEqual(theirs);
});
