import { maskLines } from './masking.js';

/**
 * An error meant for the operator: the message names what, where and what to do, in one sentence, and the exit code
 * says what a script may conclude.
 */
export class OperatorError extends Error {
  override readonly name: string = 'OperatorError';

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(maskLines(message), options);
  }
}

/**
 * What was thrown as an error whose message and stack may be shown: no whole session id, nothing that a terminal obeys.
 */
export function showable(thrown: unknown): Error {
  if (thrown instanceof OperatorError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const shown = new Error(maskLines(error.message));
  shown.stack = maskLines(error.stack ?? '');
  return shown;
}

/** Bytes that are not a session: broken, hostile, or over a limit. */
export class MalformedSession extends Error {
  override readonly name = 'MalformedSession';

  /**
   * @param offset the byte at which reading stopped
   * @param isCutShort whether the bytes end before their session does
   */
  constructor(
    readonly reason: string,
    readonly offset: number,
    readonly isCutShort = false,
  ) {
    super(`${reason} (byte ${offset})`);
  }
}

/** Names of a path of members that are shown. */
const MEMBERS_SHOWN = 3;

/** A sound session that holds a type which cannot be carried over. `offset` is -1 where no byte can be named. */
export class UnsupportedSession extends Error {
  override readonly name = 'UnsupportedSession';

  /** Names, fit to be shown, of the members that it stands in, the innermost first. */
  readonly members: string[] = [];

  constructor(
    readonly what: string,
    readonly offset = -1,
  ) {
    super(offset < 0 ? what : `${what} (byte ${offset})`);
  }

  /** The member of the session, and those within it as far as they help to find the module that wrote it. */
  get member(): string {
    return this.members.slice(-MEMBERS_SHOWN).reverse().join('.');
  }

  get reason(): string {
    return this.members.length === 0 ? this.what : `${this.what}: member ${this.member}`;
  }
}

/** What the process tells a script. The numbers are a contract (docs/outcomes.md). */
export const EXIT = {
  complete: 0,
  unexpected: 1,
  usage: 2,
  rejects: 3,
  different: 4,
  temporary: 5,
  limit: 6,
  refused: 7,
  permission: 8,
  nothing: 9,
  stateInUse: 10,
  inconclusive: 12,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code of a run that `error` ended. */
export function exitCodeOfError(error: unknown): ExitCode {
  return error instanceof OperatorError ? error.exitCode : EXIT.unexpected;
}

/** A word of the operator's in quotes, cut to a length that a message can bear. */
export function quote(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, 60));
}

/** What each code means, in words for the end of a run and for `--help`. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: 'complete',
  1: 'unexpected error',
  2: 'usage: an option, a source or a URL is wrong',
  3: 'complete, but some files were rejected (they are listed)',
  4: 'verify found differences',
  5: 'temporary trouble: run the same line again',
  6: 'stopped by a limit you set',
  7: 'refused by the pre-flight, nothing written',
  8: 'authentication or permission',
  9: 'nothing to do (only with --fail-if-empty)',
  10: 'the state directory is in use, or belongs to another run',
  12: 'verify could not tell',
  129: 'hung up, progress kept',
  130: 'interrupted, progress kept',
  143: 'terminated, progress kept',
};

/** Codes of a run that a signal ended. */
export const BY_SIGNAL: readonly ExitCode[] = [EXIT.hungUp, EXIT.interrupted, EXIT.terminated];

/** The section that ends `sess2redis --help`: one line for all signals. */
export const EXIT_CODE_HELP = `Exit codes:\n${Object.entries(EXIT_MEANINGS)
  .filter(([code]) => code !== '129' && code !== '143')
  .map(
    ([code, meaning]) => `${code.padStart(5)}  ${meaning}${code === '130' ? ' (143 on SIGTERM, 129 on SIGHUP)' : ''}`,
  )
  .join('\n')}`;

/** Everything that is wrong with the options of a run, gathered so that the operator reads it in one message. */
export class Faults {
  readonly #messages: string[] = [];

  add(message: string): void {
    this.#messages.push(message);
  }

  /** Runs `read`. An `OperatorError` that it throws becomes a fault, and `fallback` the result. */
  collect<T>(read: () => T, fallback: T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      this.add(error.message);
      return fallback;
    }
  }

  /** @throws {OperatorError} with exit code 2, if there is a fault */
  throwIfAny(): void {
    if (this.#messages.length > 0) throw new OperatorError(EXIT.usage, this.#messages.join('; '));
  }
}
