import type { FileMark, SessionRecord } from '../ledger/record.js';
import type { Recorder } from '../ledger/recorder.js';
import { codeOf, type Layout, UNSETTLED } from '../session.js';
import { type Chunk, ChunkCursor } from '../source/chunk.js';
import { parseName, type SessionName } from '../source/layout.js';
import type { SessionReader } from '../source/read.js';

const UNCHANGED = codeOf('unchanged');
const KEPT = codeOf('kept');

/** What the ledger says about a chunk's entries, by their position. */
export interface Recalled {
  records: (SessionRecord | null)[];
  /** Outcome code of an entry that need not be read, else `UNSETTLED`. */
  outcomes: Uint8Array;
}

/** Looks a chunk up in the ledger. A file is unchanged when mtime, size, inode and place are as recorded. */
export async function recallChunk(
  chunk: Chunk,
  roots: readonly string[],
  recorder: Recorder,
  reader: SessionReader,
): Promise<Recalled> {
  const { mode } = recorder.share;
  const recalled: Recalled = {
    records: new Array<SessionRecord | null>(chunk.count).fill(null),
    outcomes: new Uint8Array(chunk.count).fill(UNSETTLED),
  };
  const entries: number[] = [];
  const sids: string[] = [];
  const layouts: Layout[] = [];
  const paths: string[] = [];
  const name: SessionName = { kind: null, sid: '', layout: 'flat', isTempFile: false };
  const cursor = new ChunkCursor(chunk);
  for (let entry = 0; cursor.next(); entry++) {
    if (!cursor.mayBeFile || parseName(cursor.path, name).kind === null) continue;
    if (mode === 'cutover' && !recorder.share.isWhole) recalled.outcomes[entry] = KEPT;
    entries.push(entry);
    sids.push(name.sid);
    layouts.push(name.layout);
    paths.push(cursor.path);
  }
  const found = await recorder.recall(sids, layouts);
  for (const [at, record] of found.entries()) {
    if (record === null) continue;
    const entry = entries[at] as number;
    recalled.records[entry] = record;
    if (mode === 'cutover' && record.state !== 'skipped') {
      // Odoo decides from now on: a session that it ended must not come back because of its file.
      if (!recorder.share.settlesDoubt || !recorder.doubt.isInDoubt(record)) recalled.outcomes[entry] = KEPT;
    } else {
      const mark = reader.mark(`${roots[chunk.source]}/${paths[at]}`);
      if (mark === null) continue;
      const { mtimeMs, size, inode } = mark;
      const file: FileMark = { source: chunk.source, layout: layouts[at] as Layout, mtimeMs, size, inode };
      if (recorder.isUnchanged(record, file)) recalled.outcomes[entry] = UNCHANGED;
    }
  }
  return recalled;
}

/** For a pass whose ledger holds nothing yet. */
export function nothingRecalled(chunk: Chunk): Recalled {
  return {
    records: new Array<SessionRecord | null>(chunk.count).fill(null),
    outcomes: new Uint8Array(chunk.count).fill(UNSETTLED),
  };
}
