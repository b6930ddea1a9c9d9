import { escapeBytes, fingerprintOf, maskSid } from '../fingerprint.js';
import { OUTCOMES, UNSETTLED } from '../session.js';
import { type Chunk, ChunkCursor } from '../source/chunk.js';
import { parseName, type SessionName } from '../source/layout.js';

/** One entry that met an outcome, fit to be shown: the sid is cut short, and what is not printable is escaped. */
export interface Example {
  source: number;
  /** Relative to the source. */
  path: string;
  /** Empty where the name is no session's. */
  fingerprint: string;
}

/** Keeps the first entry of each outcome, so that a count at the end of a run has a face. */
export class Examples {
  /** By the code of the outcome. */
  readonly first: (Example | null)[] = OUTCOMES.map(() => null);

  /** Looks through a chunk that is settled; costs next to nothing once every outcome has its example. */
  see(chunk: Chunk, outcomes: Uint8Array): void {
    for (let entry = 0; entry < outcomes.length; entry++) {
      const code = outcomes[entry] as number;
      if (code !== UNSETTLED && this.first[code] === null) this.first[code] = exampleAt(chunk, entry);
    }
  }

  merge(first: readonly (Example | null)[]): void {
    for (const [code, example] of first.entries()) this.first[code] ??= example;
  }
}

function exampleAt(chunk: Chunk, entry: number): Example {
  const entries = new ChunkCursor(chunk);
  for (let i = 0; i <= entry; i++) entries.next();
  const name: SessionName = { kind: null, sid: '', layout: 'flat', isTempFile: false };
  parseName(entries.path, name);
  const fingerprint = name.kind === null ? '' : fingerprintOf(name.sid);
  return { source: chunk.source, path: maskSid(escapeBytes(entries.path)), fingerprint };
}
