import { describe, expect, it } from 'vitest';
import { nearest } from '../src/nearest.js';
import { COMMAND_NAMES } from '../src/option-entry.js';
import { optionsOf } from '../src/options/table.js';

describe('the nearest word', () => {
  const names = optionsOf('migrate').map(({ name }) => name);

  it.each([
    ['prefx', 'prefix'],
    ['perfix', 'prefix'],
    ['dryrun', 'dry-run'],
    ['dry', 'dry-run'],
    ['max-reject', 'max-rejects'],
    ['lane', 'lanes'],
    ['ratee', 'rate'],
    ['conflcit', 'conflict'],
    ['password', 'password-file'],
    ['t', 'to'],
  ])('to %s is %s', (word, wanted) => {
    expect(nearest(word, names)).toBe(wanted);
  });

  it.each(['loudness', 'xyz', 'q', ''])('to %j is none', (word) => {
    expect(nearest(word, names)).toBeNull();
  });

  it('is the first of several that are as near', () => {
    expect(nearest('bat', ['cat', 'rat'])).toBe('cat');
    expect(nearest('bat', [])).toBeNull();
  });

  it('is the word itself, for every option and every command, with one character missing', () => {
    for (const words of [names, COMMAND_NAMES]) {
      for (const word of words.filter(({ length }) => length > 4)) {
        for (let i = 0; i < word.length; i++) {
          const slip = word.slice(0, i) + word.slice(i + 1);
          if (!words.some((other) => other !== word && (other.startsWith(slip) || other === slip))) {
            expect(nearest(slip, words), slip).toBe(word);
          }
        }
      }
    }
  });
});
