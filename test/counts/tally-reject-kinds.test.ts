import { describe, expect, it } from 'vitest';
import { type RejectKind, RejectKinds } from '../../src/counts/tally.js';
import { rejectKindsSection } from '../../src/report/lists.js';
import { renderText } from '../../src/report/text.js';

const renderRejectKinds = (kinds: readonly RejectKind[]) => {
  const section = rejectKindsSection(kinds, 'text');
  return renderText({ sections: section === null ? [] : [{ ...section, textTitle: '' }], notes: [] });
};
const kindsOf = (count: number) => {
  const kinds = new RejectKinds();
  for (let n = 0; n < count; n++) kinds.add({ outcome: 'unsupported', reason: `class a.B${n}` });
  return kinds;
};

describe('the kinds of rejects', () => {
  it('are counted by reason and member, the most frequent first', () => {
    const kinds = new RejectKinds();
    const inCart = { outcome: 'unsupported', reason: 'class a.B: member cart.line', member: 'cart.line' } as const;
    kinds.add({ outcome: 'malformed', reason: 'ends without STOP' });
    kinds.add(inCart);
    kinds.add(inCart);
    kinds.add({ outcome: 'foreign', reason: 'one level too deep' });
    expect(kinds.listed()).toEqual([
      { ...inCart, count: 2 },
      { outcome: 'malformed', reason: 'ends without STOP', member: '', count: 1 },
    ]);
    expect(renderRejectKinds(kinds.listed()).split('\n')).toEqual([
      '  unsupported  2  class a.B: member cart.line',
      '  malformed    1  ends without STOP',
    ]);
    expect(rejectKindsSection(kinds.listed())?.table?.rows[0]).toEqual(['unsupported', 2, inCart.reason, 'cart.line']);
  });

  it('stay few, whatever is in the store, and add up to the rejects all the same', () => {
    for (const count of [50, 51, 500, 20_000]) {
      const listed = kindsOf(count).listed();
      expect(listed.length).toBeLessThanOrEqual(51);
      expect(listed.reduce((sum, kind) => sum + kind.count, 0)).toBe(count);
      const shown = renderRejectKinds(listed).split('\n');
      expect(shown).toHaveLength(11);
      expect(shown.at(-1)).toMatch(/for other reasons$/);
    }
    expect(renderRejectKinds([])).toBe('');
    expect(rejectKindsSection()).toBeNull();
  });

  it('hold no more than the beginning of a reason', () => {
    const kinds = new RejectKinds();
    kinds.add({ outcome: 'unreadable', reason: 'x'.repeat(100_000) });
    expect(kinds.listed()[0]?.reason).toHaveLength(200);
  });
});
