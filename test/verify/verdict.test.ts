import { describe, expect, it } from 'vitest';
import { judge, type KeyFinding } from '../../src/verify/verdict.js';
import { DAY, HOUR, NOW } from '../support/samples.js';

const findingOf = (chosen: Partial<KeyFinding>): KeyFinding => ({
  relation: 'same',
  words: 'in words',
  fileExpiryMs: NOW + DAY,
  heldExpiryMs: NOW + DAY,
  isMoving: false,
  slackMs: 0,
  latestRenewalMs: 0,
  isOurs: null,
  isSavedAgain: false,
  ...chosen,
});
const LATER = NOW + DAY + HOUR;
const EARLIER = NOW + DAY - HOUR;
const NEVER = Number.POSITIVE_INFINITY;
const SAME = NOW + DAY;

describe('the verdict on a key', () => {
  it.each<[relation: KeyFinding['relation'], held: number, isOurs: boolean | null, outcome: string]>([
    ['same', SAME, null, 'match'],
    ['same', SAME, true, 'match'],
    ['same', SAME, false, 'match'],
    ['same', LATER, null, 'expiry-drift'],
    ['same', LATER, true, 'expiry-drift'],
    ['same', LATER, false, 'newer'],
    ['same', NEVER, null, 'expiry-drift'],
    ['same', NEVER, true, 'expiry-drift'],
    ['same', NEVER, false, 'newer'],
    ['same', EARLIER, null, 'expiry-drift'],
    ['same', EARLIER, true, 'expiry-drift'],
    ['same', EARLIER, false, 'expiry-drift'],
    ['other', SAME, null, 'differs'],
    ['other', SAME, true, 'differs'],
    ['other', SAME, false, 'newer'],
    ['other', LATER, null, 'newer'],
    ['other', LATER, true, 'differs'],
    ['other', LATER, false, 'newer'],
    ['other', NEVER, null, 'newer'],
    ['other', EARLIER, null, 'differs'],
    ['other', EARLIER, true, 'differs'],
    ['other', EARLIER, false, 'newer'],
    ['broken', SAME, null, 'differs'],
    ['broken', LATER, null, 'differs'],
    ['broken', NEVER, false, 'differs'],
    ['broken', LATER, true, 'differs'],
  ])('value %s, expiry %d, ours %s: %s', (relation, heldExpiryMs, isOurs, outcome) => {
    expect(judge(findingOf({ relation, heldExpiryMs, isOurs }), 1000).outcome).toBe(outcome);
  });

  it.each([
    ['earlier', EARLIER],
    ['later', LATER],
    ['never', NEVER],
  ])('knows the very bytes of the file as saved by Odoo under a life of its own: %s', (_, heldExpiryMs) => {
    expect(judge(findingOf({ heldExpiryMs, isOurs: false, isSavedAgain: true }), 1000).outcome).toBe('newer');
  });

  it.each<[KeyFinding['relation'], held: number, isOurs: boolean | null, outcome: string]>([
    ['same', LATER, null, 'match'],
    ['same', LATER, true, 'match'],
    ['same', LATER + HOUR, true, 'expiry-drift'],
    ['same', LATER + HOUR, null, 'expiry-drift'],
    ['same', EARLIER, true, 'expiry-drift'],
    ['same', NEVER, null, 'expiry-drift'],
    ['other', LATER, true, 'differs'],
    ['other', LATER, false, 'newer'],
  ])(
    'where reading renews up to an hour: value %s, expiry %d, ours %s: %s',
    (relation, heldExpiryMs, isOurs, outcome) => {
      expect(judge(findingOf({ relation, heldExpiryMs, isOurs, latestRenewalMs: LATER }), 1000).outcome).toBe(outcome);
    },
  );

  it.each([
    [1000, 1000, 'match'],
    [1001, 1000, 'expiry-drift'],
    [-1000, 1000, 'match'],
    [-1001, 1000, 'expiry-drift'],
    [1, 0, 'expiry-drift'],
    [0, 0, 'match'],
    [-1, 0, 'expiry-drift'],
  ])('goes by the tolerance: %d ms off, %d ms allowed: %s', (driftMs, toleranceMs, outcome) => {
    expect(judge(findingOf({ heldExpiryMs: SAME + driftMs }), toleranceMs).outcome).toBe(outcome);
  });

  it('takes a value with a later expiry for newer only beyond the tolerance', () => {
    expect(judge(findingOf({ relation: 'other', heldExpiryMs: SAME + 1000 }), 1000).outcome).toBe('differs');
    expect(judge(findingOf({ relation: 'other', heldExpiryMs: SAME + 1001 }), 1000).outcome).toBe('newer');
  });

  it('allows for an expiry that is not known to the millisecond, in the one direction', () => {
    expect(judge(findingOf({ heldExpiryMs: SAME + 1200, slackMs: 200 }), 1000).outcome).toBe('match');
    expect(judge(findingOf({ heldExpiryMs: SAME + 1201, slackMs: 200 }), 1000).outcome).toBe('expiry-drift');
    expect(judge(findingOf({ heldExpiryMs: SAME - 1001, slackMs: 200 }), 1000).outcome).toBe('expiry-drift');
  });

  it('lets a copy of a file from the future end earlier, and no later', () => {
    expect(judge(findingOf({ heldExpiryMs: EARLIER, isMoving: true }), 1000).outcome).toBe('match');
    expect(judge(findingOf({ heldExpiryMs: LATER, isMoving: true }), 1000).outcome).toBe('expiry-drift');
    expect(judge(findingOf({ heldExpiryMs: NEVER, isMoving: true }), 1000).outcome).toBe('expiry-drift');
  });

  it.each([
    [LATER, 'expires 1 h later than its file'],
    [EARLIER, 'expires 1 h earlier than its file'],
    [NEVER, 'never expires'],
  ])('says by how much the expiry is off: %d, %s', (heldExpiryMs, words) => {
    expect(judge(findingOf({ heldExpiryMs }), 1000).words).toBe(words);
  });

  it('passes on what is wrong with a value, and has no words for what is right', () => {
    expect(judge(findingOf({ relation: 'other' }), 0)).toEqual({ outcome: 'differs', words: 'in words' });
    expect(judge(findingOf({}), 0).words).toBe('');
    expect(judge(findingOf({ relation: 'other', isOurs: false }), 0).words).toBe('');
  });
});
