import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { accountNamed, isAccountNumber, userName } from '../../src/system/accounts.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

it('an account is found by its name, and is none where the file has none or is not there', () => {
  const file = join(temporaryDirectory(), 'passwd');
  writeFileSync(file, 'root:x:0:0::/root:/bin/sh\nbroken\nwww-data:x:33:33::/var/www:/bin/sh\n');
  expect(accountNamed(file, 'www-data')?.[2]).toBe('33');
  expect(accountNamed(file, 'broken')).toBeNull();
  expect(accountNamed(`${file}.missing`, 'root')).toBeNull();
});

it('a user without a name is told by number', () => {
  expect(userName(0)).toBe('root');
  expect(userName(987_654)).toBe('987654');
});

it('a number is one that chown(2) takes for a user', () => {
  expect(['0', '33', '4294967294'].map(isAccountNumber)).toEqual([true, true, true]);
  expect(['', '-1', '1.5', 'www-data', '4294967295'].map(isAccountNumber)).toEqual([false, false, false, false, false]);
});
