/** What the table of options says about one, for `options/` and for applications, which declare their own. */

/** Every command by its name, in the order of the help. */
export const COMMAND_NAMES = [
  ...(['migrate', 'sync', 'audit', 'verify', 'export', 'explain'] as const),
  ...(['ledger', 'detect', 'bench', 'generate', 'profiles', 'apps', 'completion'] as const),
] as const;

export type CommandName = (typeof COMMAND_NAMES)[number];

/** Commands that write to Redis. */
export const WRITING = ['migrate', 'sync'] as const;
/** Commands that pass over the files of a session directory. */
export const PASSES = [...WRITING, 'audit', 'verify'] as const;
/** Commands that work for long: they have a pace, limits and a log. */
export const RUNS = [...PASSES, 'export'] as const;
/** Commands that decide about a session as a migrate does. */
export const DECIDING = [...RUNS, 'explain'] as const;
/** Commands that know the keys of sessions. */
export const KEYED = [...DECIDING, 'ledger'] as const;
/** Commands that ask a Redis server. */
export const CONNECTING = [...DECIDING, 'detect', 'bench'] as const;

/**
 * What the value of an option is. A `switch` is on or off; a `list` may be given several times; a `choice` takes
 * nothing but its `choices`; a `file` and a `directory` are paths, in which `~/` is the home directory; a `time` (7d),
 * a `count` (5k) and a `size` (1MiB) are numbers with a unit; any other value is a `text`.
 */
export type OptionKind = 'switch' | 'text' | 'list' | 'choice' | 'file' | 'directory' | 'time' | 'count' | 'size';

/** What only some options need. */
export interface OptionDetails {
  /** The only values of a `choice`; for other kinds, values that a shell offers to complete. */
  choices?: readonly string[];
  /** The value that holds where nobody gives one, as an operator would write it. */
  default?: string;
  /** What happens without a value, in words, where no fixed value stands for it. */
  otherwise?: string;
  /** The least number that a `time` (milliseconds), a `count` or a `size` (bytes) may be. */
  least?: number;
  /** What to write, as a fault tells it: `a time, as in 10m`. */
  form?: string;
  /** Commands that can't do without it. */
  required?: readonly CommandName[];
  /** Commands that take it from the command line alone: a setting that was made for others must not reach them. */
  lineOnly?: readonly CommandName[];
  /** Says where the configuration file is, or shows the configuration: it can't stand in the file itself. */
  isOutsideFiles?: true;
  /** Matters to one run only. The command lines that the program proposes as the next step leave it out. */
  isOfOneRun?: true;
  /** The only application that it is about; an option that several have in common names none. */
  application?: string;
}

/** What the table says about an option, besides its name and group. */
export interface OptionEntry extends OptionDetails {
  kind: OptionKind;
  /** Stands for the value in help, as TIME in `--give-up-after TIME`; empty for a switch. */
  word: string;
  help: string;
  commands: readonly CommandName[];
}

/** Makes entries of one kind; details keep their literal types, from which types of values are derived. */
function entriesOf<K extends OptionKind>(kind: K) {
  return <const D extends OptionDetails = object>(
    word: string,
    commands: readonly CommandName[],
    help: string,
    details = {} as D,
  ) => ({ kind, word, commands, help, ...details });
}

/** The same, where all options of the kind share the word for their value. */
function entriesWith<K extends OptionKind>(kind: K, word: string) {
  const entry = entriesOf(kind);
  return <const D extends OptionDetails = object>(commands: readonly CommandName[], help: string, details = {} as D) =>
    entry(word, commands, help, details);
}

export const text = entriesOf('text');
export const list = entriesOf('list');
export const choice = entriesOf('choice');
export const toggle = entriesWith('switch', '');
export const file = entriesWith('file', 'FILE');
export const directory = entriesWith('directory', 'DIR');
export const time = entriesWith('time', 'TIME');
export const count = entriesWith('count', 'N');
export const size = entriesWith('size', 'SIZE');
