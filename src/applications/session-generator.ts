/**
 * Makes up sessions as an application could have left them on its disk, for rehearsals and measurements. An object
 * serves one thread; its fields describe the session made last.
 */
export interface SessionGenerator {
  sid: string;
  /** Relative to the store. */
  path: string;
  /** The bytes of the file, until the next `make`. */
  readonly file: Buffer;
  /** Permissions of the file. */
  readonly mode: number;
  /** How long ago the oldest session of a store in use was saved, milliseconds. */
  readonly oldestMs: number;
  /** Whose the n-th session is, as a sentence has it: `Odoo 19`. */
  titleOf(index: number): string;
  /** Sets `sid` and `path` to those of the n-th session: the same for the same seed, and unlike any other. */
  name(index: number): void;
  /**
   * Makes the n-th session.
   * @param savedMs the moment of its last save, epoch milliseconds
   * @param random numbers in [0, 1), which decide all that is left open
   */
  make(index: number, savedMs: number, random: () => number): void;
  /** The n-th entry that is no sound session, each kind in turn; null where none are made up. */
  junk(index: number): JunkEntry | null;
}

/** What every generator is told, as plain data that a thread can be started with. */
export interface GenerationSettings {
  seed: number;
  /** Whether only sessions are made that a migrate moves as long as they live: none that is over by its content. */
  movesAll: boolean;
  /** How long a session lives whose content says when it ends, milliseconds; null for as long as is usual. */
  lifetimeMs: number | null;
}

/** An entry of a session directory that is no sound session. */
export interface JunkEntry {
  /** Relative to the store. */
  path: string;
  /** One character per byte. */
  content: string;
  /** The size of the file, where zeros follow the content. */
  size?: number;
  /** Makes it a symbolic link to this path instead. */
  linkTo?: string;
}
