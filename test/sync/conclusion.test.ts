import { describe, expect, it } from 'vitest';
import type { Marker } from '../../src/redis/marker.js';
import { type Conclusion, conclude, type Evidence, type KnownMarker, needsSample } from '../../src/sync/conclusion.js';

const NOW = 1_700_000_000_000;
const RUN = 'a1';
const known: KnownMarker = {
  names: ['m'],
  pass: 5,
  stage: 'complete',
  isFinalDone: false,
  expiryMs: NOW + 1000,
  instance: 'i',
};
const marker = (more: Partial<Marker> = {}): Marker => ({
  ...{ run: RUN, pass: 5, stage: 'complete', atMs: NOW, completePass: 5, hasReceipts: false },
  ...more,
});
const all = { wanted: 100, held: 100, rewritten: 0 };

function evidence(more: Partial<Evidence>, found: Marker | null = marker()): Evidence {
  return {
    run: RUN,
    lastPass: 5,
    lastRecorded: 5,
    hasRecords: true,
    isCutover: false,
    isUndoing: false,
    known,
    found: new Map(found === null ? [] : [['m', found]]),
    instance: 'i',
    sample: null,
    nowMs: NOW,
    ...more,
  };
}

const CASES: [string, Evidence, Partial<Conclusion>][] = [
  ['nothing happened', evidence({}), { kind: 'intact' }],
  ['many logged out, the marker is there', evidence({ sample: { ...all, held: 20 } }), { kind: 'intact' }],
  ['all are gone, the marker is there', evidence({ sample: { ...all, held: 0 } }), { kind: 'doubt' }],
  ['a loss is not made good yet', evidence({ isUndoing: true, sample: { ...all, held: 0 } }), { kind: 'intact' }],
  ['the server was started again, with all it had', evidence({ instance: 'j' }), { kind: 'intact' }],
  ['it is empty', evidence({ sample: { ...all, held: 0 } }, null), { kind: 'lost' }],
  ['another start lacks the marker', evidence({ instance: 'j', sample: { ...all, held: 60 } }, null), { kind: 'lost' }],
  ['only the marker is gone', evidence({ sample: { ...all, held: 99 } }, null), { kind: 'doubt' }],
  ['the marker is gone, and most keys', evidence({ sample: { ...all, held: 40 } }, null), { kind: 'doubt' }],
  ['it went back to a whole pass', evidence({}, marker({ pass: 3 })), { kind: 'rolled-back', fromPass: 4 }],
  [
    'it went back into a pass',
    evidence({}, marker({ pass: 3, stage: 'loading' })),
    { kind: 'rolled-back', fromPass: 3 },
  ],
  [
    'the last pass was under way at the restart',
    evidence({ known: { ...known, stage: 'loading' }, instance: 'j' }, marker({ stage: 'loading' })),
    { kind: 'rolled-back', fromPass: 5 },
  ],
  ['the ledger is an older copy', evidence({}, marker({ pass: 6 })), { kind: 'incomplete' }],
  [
    'the ledger lacks the end of a pass that the target has seen',
    evidence({ lastRecorded: 4 }),
    { kind: 'incomplete' },
  ],
  [
    'it does, and its own marker was of the beginning',
    evidence({ lastRecorded: 4, known: { ...known, stage: 'loading' } }, marker({ stage: 'final' })),
    { kind: 'incomplete' },
  ],
  [
    'the last pass was killed',
    evidence({ lastRecorded: 4, known: { ...known, stage: 'loading' } }, marker({ stage: 'loading' })),
    { kind: 'intact' },
  ],
  [
    'it was killed between its own word and the marker',
    evidence({ known: { ...known, stage: 'loading' } }, marker({ stage: 'loading' })),
    { kind: 'intact' },
  ],
  [
    'it was killed between the marker and its own note of it',
    evidence({ known: { ...known, stage: 'loading' } }),
    { kind: 'intact' },
  ],
  ['another ledger wrote', evidence({}, marker({ run: 'b2' })), { kind: 'incomplete' }],
  [
    'the ledger is new, the target is not',
    evidence({ known: null, lastPass: 0, hasRecords: false }, marker({ run: 'b2' })),
    { kind: 'incomplete' },
  ],
  ['the first pass', evidence({ known: null, lastPass: 0, hasRecords: false }, null), { kind: 'unmarked' }],
  ['a ledger of a former version', evidence({ known: null, sample: all }, null), { kind: 'unmarked' }],
  [
    'a ledger of a former version, and an empty target',
    evidence({ known: null, sample: { ...all, held: 0 } }, null),
    { kind: 'doubt' },
  ],
  [
    "the marker's time is over",
    evidence({ known: { ...known, expiryMs: NOW }, sample: { ...all, wanted: 0, held: 0 } }, null),
    { kind: 'unmarked' },
  ],
  [
    'the switch is known to the target alone',
    evidence({ known: null }, marker({ run: 'b2', stage: 'switched' })),
    { kind: 'switched', isByTarget: true },
  ],
  ['the switch, and an empty target', evidence({ isCutover: true }, null), { kind: 'switched', isByTarget: false }],
  [
    'Odoo wrote after the final pass',
    evidence({ known: { ...known, stage: 'final', isFinalDone: true }, sample: { ...all, rewritten: 1 } }, marker()),
    { kind: 'rewritten' },
  ],
  [
    'a marker that is gone by a loss which a pass met, and has sent a part again since',
    evidence({ isUndoing: true, sample: { ...all, held: 40 } }, null),
    { kind: 'lost' },
  ],
  ['Odoo wrote before the final pass, on trial', evidence({ sample: { ...all, rewritten: 9 } }), { kind: 'intact' }],
];

describe('what a pass concludes of its target', () => {
  it.each(CASES)('%s', (_, given, concluded) => {
    expect(conclude(given)).toMatchObject(concluded);
  });

  it('asks for a sample unless there is nothing to ask for, or the switch is on record', () => {
    expect(needsSample(evidence({}))).toBe(true);
    expect(needsSample(evidence({ isCutover: true }))).toBe(false);
    expect(needsSample(evidence({ hasRecords: false, known: null }, null))).toBe(false);
  });
});
