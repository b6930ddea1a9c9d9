import type { Layout } from '../session.js';
import type { SessionRecord } from './record.js';

/**
 * Sessions that are to be recorded, as columns: one object and its arrays serve batch after batch, so that recording makes
 * next to no garbage.
 */
export class SessionColumns {
  count = 0;
  readonly sid: string[] = [];
  readonly layout: Layout[] = [];
  /** What the ledger held so far. */
  readonly before: (SessionRecord | null)[] = [];
  readonly source: Uint16Array;
  readonly mtimeMs: Float64Array;
  readonly size: Uint32Array;
  readonly inode: Uint32Array;
  /** Given when the session is recorded. */
  readonly ordinal: Uint32Array;

  /** @param most sessions that it can hold */
  constructor(most: number) {
    this.source = new Uint16Array(most);
    this.mtimeMs = new Float64Array(most);
    this.size = new Uint32Array(most);
    this.inode = new Uint32Array(most);
    this.ordinal = new Uint32Array(most);
  }

  /** Returns the session's place. `mtimeMs`, `size` and `inode` are those of a `FileMark`. */
  add(
    sid: string,
    layout: Layout,
    source: number,
    file: { mtimeMs: number; size: number; inode: number },
    before: SessionRecord | null,
  ): number {
    const at = this.count++;
    this.sid[at] = sid;
    this.layout[at] = layout;
    this.before[at] = before;
    this.source[at] = source;
    this.mtimeMs[at] = file.mtimeMs;
    this.size[at] = file.size;
    this.inode[at] = file.inode;
    return at;
  }

  /** Adds the session at a place of another. */
  addFrom(other: SessionColumns, at: number): void {
    const file = {
      mtimeMs: other.mtimeMs[at] as number,
      size: other.size[at] as number,
      inode: other.inode[at] as number,
    };
    const layout = other.layout[at] as Layout;
    this.add(other.sid[at] as string, layout, other.source[at] as number, file, other.before[at] ?? null);
  }

  clear(): void {
    this.count = 0;
    this.sid.length = 0;
    this.layout.length = 0;
    this.before.length = 0;
  }
}
