import type { ExitCode } from './exit-codes.js';
import { maskLines } from './fingerprint.js';

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

/** What was thrown as an error whose message and stack may be shown: no whole session id, nothing that a terminal obeys. */
export function showable(thrown: unknown): Error {
  if (thrown instanceof OperatorError) return thrown;
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const shown = new Error(maskLines(error.message));
  shown.stack = maskLines(error.stack ?? '');
  return shown;
}

/** Bytes that are not a session: broken, hostile, or over a limit. `offset` is the byte at which reading stopped. */
export class MalformedSession extends Error {
  override readonly name = 'MalformedSession';

  constructor(
    readonly reason: string,
    readonly offset: number,
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
