/** One pass over the sources, as the ledger remembers it. */
export interface PassNote {
  command: string;
  startedMs: number;
  elapsedMs: number;
  /** Whether every file was looked at, and not only changed shards. */
  isFull: boolean;
  /** Whether it was the pass in the freeze. */
  isFinal?: boolean;
  listed: number;
  outcomes: Readonly<Record<string, number>>;
  deletes: Readonly<Record<string, number>>;
  exitCode: number;
}
