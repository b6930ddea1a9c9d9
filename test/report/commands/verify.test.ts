import { describe, expect, it } from 'vitest';
import type { RejectNote } from '../../../src/intake/take-file.js';
import { differenceRecord, type Found, verificationReport } from '../../../src/report/commands/verify.js';
import type { Summary } from '../../../src/report/summary.js';
import { renderText } from '../../../src/report/text.js';
import type { Outcome } from '../../../src/session.js';
import { NOW } from '../../support/samples.js';

const summaryOf = (outcomes: Summary['outcomes'], chosen: Partial<Summary> = {}): Summary => ({
  type: 'summary',
  version: 1,
  command: 'verify',
  dryRun: false,
  profile: 'camptocamp',
  listed: Object.values(outcomes).reduce((sum, count) => sum + count, 0),
  outcomes,
  unsettled: 0,
  sourceBytes: 1024,
  valueBytes: 1024,
  elapsedMs: 2000,
  entriesPerSecond: 600,
  peakRssBytes: 2 ** 27,
  resumed: false,
  deletes: {},
  throttle: { reasons: {} },
  exitCode: 0,
  ...chosen,
});
const noteOf = (outcome: Outcome, source = 0): RejectNote => ({
  source,
  path: source < 0 ? 'session:fa4e0001*' : 'fa/fa4e0001*',
  fingerprint: 'f1f2f3f4f5f6',
  outcome,
  reason: 'no key',
  offset: -1,
});
function render(summary: Summary, found: Found = { compared: 0, different: 0 }, rejects: RejectNote[] = []): string {
  const end = { summary, examples: [], rejects, sources: ['/store'], advice: [] };
  return renderText(verificationReport({ ...end, samples: [], warnings: [], target: null, startedMs: NOW }, found));
}

describe('the verdict', () => {
  it.each<[Summary['outcomes'], Found, string]>([
    [{ match: 1200 }, { compared: 1200, different: 0 }, 'all 1,200 sessions compared are in Redis as they should be'],
    [
      { match: 1198, newer: 2 },
      { compared: 1200, different: 0 },
      'all 1,200 sessions compared are in Redis as they should be; 2 were rewritten in Redis since',
    ],
    [
      { match: 10, missing: 3, newer: 1, extra: 1 },
      { compared: 14, different: 3 },
      '3 of 14 sessions differ; 1 was rewritten in Redis since; 1 key has no file',
    ],
    [{ expired: 5 }, { compared: 0, different: 0 }, 'no session could be compared'],
    [
      { match: 3000 },
      { compared: 3000, different: 0, sample: { wanted: 3000, upperBound: 0.000998, confidence: 0.95 } },
      '0 of 3,000 sessions drawn at random differ: at most 0.1 % of all at 95 % confidence',
    ],
    [
      { missing: 2 },
      { compared: 100, different: 2, sample: { wanted: 100, upperBound: 0.0616, confidence: 0.95 } },
      '2 of 100 sessions drawn at random differ: at most 6.2 % of all at 95 % confidence',
    ],
    [
      { 'not-sampled': 9 },
      { compared: 0, different: 0, sample: { wanted: 1, upperBound: null, confidence: 0.95 } },
      'no session could be compared',
    ],
  ])('of %j stands below the table, before what comes next', (outcomes, found, line) => {
    const blocks = render(summaryOf(outcomes), found).split('\n\n');
    expect(blocks.at(-2)?.split('\n')[0]).toBe(line);
  });
});

it('counts every outcome that occurred once, under what it means', () => {
  const outcomes = {
    match: 1,
    newer: 2,
    'redis-only': 3,
    differs: 4,
    missing: 5,
    'expiry-drift': 6,
    extra: 7,
  } as const;
  const more = { expired: 8, 'not-sampled': 9, malformed: 10 } as const;
  const text = render(summaryOf({ ...outcomes, ...more }, { unsettled: 11 }));
  for (const [outcome, count] of Object.entries({ ...outcomes, ...more })) {
    expect(text).toMatch(new RegExp(`\\b${outcome}\\s+${count}\\s+\\S`));
  }
  expect(text).toMatch(/^ {2}sound\s+match/m);
  expect(text).toMatch(/^ {2}different\s+differs/m);
  expect(text).toMatch(/^ {2}listed\s+55$/m);
  expect(text).toMatch(/^ {2}open\s+11 /m);
});

it('shows examples by kind, files and keys, and how many more there are', () => {
  const notes = [noteOf('missing'), noteOf('extra', -1), noteOf('differs')];
  const text = render(summaryOf({ missing: 5, extra: 1, differs: 1 }), { compared: 6, different: 6 }, notes);
  expect(text).toContain('  differs  /store/fa/fa4e0001*    f1f2f3f4f5f6  no key\n');
  expect(text).toContain('  extra    key session:fa4e0001*  f1f2f3f4f5f6  no key\n');
  expect(text).toContain('\n  and 4 more');
});

it('tells a difference as a record, of a file or a key', () => {
  const rest = { fingerprint: 'f1f2f3f4f5f6', reason: 'no key' };
  expect(differenceRecord(noteOf('missing'), ['/store'])).toEqual({
    type: 'difference',
    outcome: 'missing',
    path: '/store/fa/fa4e0001*',
    ...rest,
  });
  expect(differenceRecord(noteOf('extra', -1), ['/store'])).toEqual({
    type: 'difference',
    outcome: 'extra',
    key: 'session:fa4e0001*',
    ...rest,
  });
});
