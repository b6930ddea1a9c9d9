import { describe, expect, it } from 'vitest';
import { builtInTemplate } from '../../src/applications/built-in.js';
import { longLived, readerWords } from '../../src/applications/reader-words.js';
import { parseOptions } from '../../src/options/run-options.js';
import { settleWith } from '../../src/options/settle.js';

const HOUR_MS = 3_600_000;

function wordsOf(name: string, prefix: string | null) {
  const settled = settleWith('bench', { app: name }, {});
  settled.template = builtInTemplate(name);
  const { reader } = parseOptions(settled, []);
  const application = longLived(reader.settings, HOUR_MS);
  return readerWords({ reader, application, app: name, given: [] }, prefix, HOUR_MS);
}

describe('the words for the reader of an application', () => {
  it('name every parameter, so that no configuration changes one', () => {
    const { words, key } = wordsOf('laravel', null) ?? {};
    expect(words).toEqual([
      '--app=laravel',
      '--client-prefix=<client-prefix>',
      '--store-prefix=<store-prefix>',
      '--lifetime=3600s',
    ]);
    expect(key).toEqual({ before: '<client-prefix><store-prefix>', after: '' });
  });

  it.each([
    ['php', '--prefix=mine:', 'mine:'],
    ['laravel', '--client-prefix=mine:', 'mine:<store-prefix>'],
    ['express', '--prefix=mine:', 'mine:'],
    ['django', '--prefix=mine:', 'mine:'],
  ])('of %s give other keys by a parameter that stands in keys alone', (name, word, before) => {
    const { words, key } = wordsOf(name, 'mine') ?? {};
    expect(words).toContain(word);
    expect(key).toEqual({ before, after: '' });
  });

  it('are none where its keys have no place for a prefix', () => {
    expect(wordsOf('magento', 'mine')).toBeNull();
  });
});
