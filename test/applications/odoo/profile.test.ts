import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_KEY_TEMPLATE, generic, keyTemplateOf, splitTemplate } from '../../../src/applications/odoo/profile.js';

function keyOf(template: string, prefix: string): string {
  const { before, after } = keyTemplateOf({ ...generic.plain, ...splitTemplate(template) }, prefix);
  return `${before}SID${after}`;
}

describe('a key template', () => {
  it.each([
    ['session:{sid}', '', 'session:SID'],
    ['{sid}', '', 'SID'],
    ['erp_session_{sid}', '', 'erp_session_SID'],
    // What one reader on Python 3 makes of formatting bytes.
    ["sessionb'{sid}'", '', "sessionb'SID'"],
    ['{prefix}:{sid}', 'shop', 'shop:SID'],
    ['{prefix}/{prefix}/{sid}', 'a', 'a/a/SID'],
    ['{sid}:{prefix}', 'shop', 'SID:shop'],
    ['{prefix}{sid}{prefix}', 'x', 'xSIDx'],
    ['{sid}:{prefix}', '', 'SID:'],
    ['é:{sid}', '', 'é:SID'],
    [DEFAULT_KEY_TEMPLATE, '', 'session:SID'],
    [DEFAULT_KEY_TEMPLATE, 'shop:', 'session:shop:SID'],
  ])('%s with the prefix %j makes %s', (template, prefix, key) => {
    expect(keyOf(template, prefix)).toBe(key);
  });

  it('takes any prefix as it is, also one full of signs that mean something to a replacement', () => {
    const prefix = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('$', '&', '`', "'", '1', 'a')).map((signs) => signs.join('')),
    );
    fc.assert(
      fc.property(prefix, (text) => {
        expect(keyOf('a{prefix}b{sid}', text)).toBe(`a${text}bSID`);
      }),
    );
  });
});
