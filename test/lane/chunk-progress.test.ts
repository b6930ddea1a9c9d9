import { expect, it } from 'vitest';
import { ChunkProgress } from '../../src/lane/chunk-progress.js';
import { SessionColumns, type SessionRecord } from '../../src/ledger/record.js';
import { codeOf, type Outcome, UNSETTLED } from '../../src/session.js';

const recordOf = (ordinal: number) => ({ ordinal }) as SessionRecord;

function seenWith(...outcomes: Outcome[]): number[] {
  const recalled = {
    records: outcomes.map((_, entry) => recordOf(entry + 10)),
    outcomes: new Uint8Array(outcomes.length).fill(UNSETTLED),
  };
  const progress = new ChunkProgress(0, recalled);
  for (const [entry, outcome] of outcomes.entries()) progress.outcomes[entry] = codeOf(outcome);
  return [...progress.toAck().seen];
}

it('a chunk has met what is on record and has a file, whatever becomes of it', () => {
  expect(seenWith('unchanged', 'written', 'malformed', 'unreadable', 'expired')).toEqual([10, 11, 12, 13, 14]);
});

it('a file that went between its listing and its reading is not met, so that its copy goes as well', () => {
  expect(seenWith('unchanged', 'vanished', 'written')).toEqual([10, 12]);
});

it('sessions that are recorded for the first time are met', () => {
  const progress = new ChunkProgress(0, { records: [null, recordOf(7)], outcomes: new Uint8Array(2) });
  const noted = new SessionColumns(2);
  const file = { mtimeMs: 0, size: 0, inode: 0 };
  noted.add('one', 'hashed', 0, file, null);
  noted.add('other', 'hashed', 0, file, recordOf(7));
  noted.ordinal.set([42, 7]);
  progress.see(noted);
  expect([...progress.toAck().seen].sort()).toEqual([42, 7].sort());
});
