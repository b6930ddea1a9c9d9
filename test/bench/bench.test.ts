import { describe, expect, it } from 'vitest';
import { keyTemplateOf } from '../../src/applications/odoo/profile.js';
import { KNOWN_PROFILES } from '../../src/applications/odoo/profiles.js';
import { throwawayKey, throwawayPrefix } from '../../src/bench/bench.js';

describe('a key to be thrown away', () => {
  it.each(['', 'p', 'a-long-prefix-that-no-one-would-type-twice'])(
    'is as long as the reader\'s with prefix "%s", if that leaves room, and never one of the reader',
    (prefix) => {
      for (const profile of KNOWN_PROFILES) {
        const own = keyTemplateOf(profile, prefix);
        const { before, after } = throwawayKey(own);
        const length = own.before.length + own.after.length;
        expect(before.length + after.length, profile.name).toBe(Math.max(8, length));
        expect(before).toMatch(/^s2rb[a-f0-9]{4,}$/);
        expect(before).not.toBe(own.before);
      }
    },
  );

  it('is another one each time', () => {
    const keys = Array.from({ length: 100 }, () => throwawayKey({ before: 'x'.repeat(20), after: '' }).before);
    expect(new Set(keys).size).toBe(100);
    expect(new Set(Array.from({ length: 100 }, throwawayPrefix)).size).toBe(100);
  });
});
