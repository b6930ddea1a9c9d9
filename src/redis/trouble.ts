import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import { formatDuration } from '../units.js';

/**
 * What an error reply means for a run, by its first word (redis/src/server.c, createSharedObjects). Everything here
 * concerns the server, not a session: the run ends, and what was acknowledged stays.
 */
const MEANINGS: Readonly<Record<string, readonly [ExitCode, string]>> = {
  NOAUTH: [EXIT.permission, 'the server asks for a password: give it by --password-file or SESS2REDIS_PASSWORD'],
  WRONGPASS: [EXIT.permission, 'the server does not accept this user and password: check --user and --password-file'],
  DENIED: [EXIT.permission, 'the server is in protected mode: give it a password, or connect by its unix socket'],
  OOM: [EXIT.temporary, 'the server is at its maxmemory: raise it or free memory, then run the same line again'],
  MISCONF: [EXIT.temporary, 'the server cannot save its data to disk: mend that, then run the same line again'],
  READONLY: [EXIT.temporary, 'the server has become a read-only replica: name the new master and run again'],
  LOADING: [EXIT.temporary, 'the server is still loading its data: run the same line again when it is done'],
  BUSY: [EXIT.temporary, 'the server is busy with a script: run the same line again when it is done'],
  MASTERDOWN: [EXIT.temporary, 'the server has lost its master: run the same line again'],
  NOREPLICAS: [EXIT.temporary, 'the server has too few good replicas to take writes: run the same line again'],
  CLUSTERDOWN: [EXIT.temporary, 'the cluster does not serve all slots: run the same line again when it does'],
  TRYAGAIN: [EXIT.temporary, 'the cluster is moving a slot: run the same line again'],
  MOVED: [EXIT.refused, 'the server is part of a cluster: name it by cluster://host:port'],
  CROSSSLOT: [EXIT.refused, 'the server is part of a cluster: name it by cluster://host:port'],
};

/** The word before the first space, where it is one of a server's own: `ERR`, `WRONGTYPE`. */
const CODE_WORD = /^-?([A-Z][A-Z0-9_]{1,19})(?= |$)/;

/**
 * Turns an error reply into the sentence and exit code for the operator. Of a reply that nobody knows only the first
 * word is told: the rest may repeat what was sent, ids and values with it (redis/src/server.c, rejectCommandFormat).
 *
 * @param command what was sent: its name, never its arguments
 */
export function operatorErrorOf(reply: string, command = ''): OperatorError {
  const word = CODE_WORD.exec(reply)?.[1] ?? '';
  const meaning = MEANINGS[word];
  if (meaning !== undefined) return new OperatorError(meaning[0], `${meaning[1]} (it said ${word})`);
  if (word === 'NOPERM') return new OperatorError(EXIT.permission, lackingRight(reply, command));
  if (/invalid password|without any password configured/i.test(reply)) {
    return new OperatorError(EXIT.permission, MEANINGS.WRONGPASS?.[1] as string);
  }
  if (/max number of clients/i.test(reply)) {
    return new OperatorError(
      EXIT.temporary,
      'the server takes no more clients: raise its maxclients, or run again later',
    );
  }
  const answer = `the server answered: ${word === '' ? 'an error of its own' : word}${command === '' ? '' : ` (to ${command})`}`;
  if (word === 'WRONGTYPE') {
    return new OperatorError(
      EXIT.refused,
      `${answer}, the key holds a list, a hash or the like: no reader of sessions made it`,
    );
  }
  const sentence = `${answer}, so it does not do this: look for a renamed command, a managed service or a proxy, and allow it there`;
  return new OperatorError(EXIT.permission, sentence);
}

const GRANTS = '+info +set +get, and for sync +evalsha +eval +del +pexpiretime,';

/**
 * `NOPERM ... no permissions to run the 'set' command`, `... to access one of the keys ...`; before 7.0 in other words.
 */
function lackingRight(reply: string, command: string): string {
  const named = /\brun the '?([a-z]{2,30})\b[a-z|]*'? command/i.exec(reply)?.[1] ?? command;
  const right = `+${named.toLowerCase()}`;
  const more = named === '' || GRANTS.split(/[ ,]+/).includes(right) ? '' : `${right}, and `;
  return `the user may not do this: grant it ${more}${GRANTS} on these keys (it said NOPERM)`;
}

/**
 * The name of the command that begins with these bytes of RESP; of one with a second word such as CLIENT, only the
 * first.
 */
export function commandNameIn(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(64, bytes.length)).toString('latin1');
  return (/^\*\d+\r\n\$\d+\r\n([A-Za-z]{2,20})\r\n/.exec(head)?.[1] ?? '').toUpperCase();
}

/** Why nothing is sent for a while; the word by which the summary counts the time. */
export type WaitReason =
  | 'reconnecting'
  | 'read-only'
  | 'loading'
  | 'busy'
  | 'memory'
  | 'persistence'
  | 'replicas'
  | 'cluster';

/** Something that passes, or that the operator can end meanwhile. What was refused because of it was not executed. */
export interface Trouble {
  reason: WaitReason;
  error: OperatorError;
  /** The connection leads nowhere good any more. */
  dropsLink: boolean;
}

const REASONS: Readonly<Record<string, readonly [WaitReason, boolean]>> = {
  READONLY: ['read-only', true],
  MASTERDOWN: ['read-only', true],
  LOADING: ['loading', false],
  BUSY: ['busy', false],
  OOM: ['memory', false],
  MISCONF: ['persistence', false],
  NOREPLICAS: ['replicas', false],
  CLUSTERDOWN: ['cluster', false],
  TRYAGAIN: ['cluster', false],
};

/** The trouble that an error reply tells of; null for one that waiting does not change. */
export function troubleOf(reply: string): Trouble | null {
  const word = firstWordOf(reply);
  const [reason, dropsLink] = REASONS[word] ?? [];
  if (reason !== undefined && dropsLink !== undefined) {
    return { reason, error: operatorErrorOf(word === reply.split(' ', 1)[0] ? reply : word), dropsLink };
  }
  if (/^ERR max number of clients/i.test(reply)) return lostConnection(operatorErrorOf(reply));
  return null;
}

/** A connection that broke, or could not be made for a reason that may pass. */
export function lostConnection(error: OperatorError): Trouble {
  return { reason: 'reconnecting', error, dropsLink: true };
}

/** A cluster that does not agree on who has a slot. */
export function unsettledCluster(sentence: string): Trouble {
  return { reason: 'cluster', error: new OperatorError(EXIT.temporary, sentence), dropsLink: false };
}

/** Before 7.0 an error inside a script comes as `ERR Error running script ... -OOM command not allowed ...`. */
function firstWordOf(reply: string): string {
  const inner = /^ERR Error running script.*?-([A-Z]+) /.exec(reply)?.[1];
  return inner ?? (reply.split(' ', 1)[0] as string);
}

/** The first wait is this long at most, each further one at most twice as long as the one before. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;
/** What is under way when an interruption comes may take this long. */
const GRACE_MS = 3000;

/** Time is up that a trouble is borne for. */
export class GivenUp extends OperatorError {}

/** Hears what is waited for, and null when it goes on. */
export type WaitListener = (trouble: Trouble | null) => void;

/**
 * How long a connection's troubles are borne. Waits between tries grow exponentially and are cut short at random, so
 * that many lanes don't all come back at once. What counts as one trouble ends with the next success.
 */
export class Retry {
  #sinceMs = Number.NaN;
  #tries = 0;
  #interruption: OperatorError | null = null;
  readonly #interrupted = new Alarm();
  readonly #overdue = new Alarm();

  /** @param limitMs from the first try on; 0 gives up at once */
  constructor(
    readonly limitMs: number,
    readonly listener: WaitListener = () => {},
    readonly now: () => number = () => performance.now(),
    readonly random: () => number = Math.random,
  ) {}

  /**
   * Resolves when the next try is due.
   * @throws {OperatorError} with exit code 5 when time is up, or the interruption
   */
  async pause(trouble: Trouble): Promise<void> {
    if (this.#interruption !== null) throw this.#interruption;
    const nowMs = this.now();
    if (Number.isNaN(this.#sinceMs)) this.#sinceMs = nowMs;
    const leftMs = this.#sinceMs + this.limitMs - nowMs;
    if (leftMs <= 0) throw this.#givenUp(trouble);
    this.listener(trouble);
    const longestMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#tries++);
    await this.#sleep(Math.min(leftMs, longestMs * (0.5 + this.random() / 2)));
  }

  /** Something was achieved: the next trouble is another one. */
  success(): void {
    if (Number.isNaN(this.#sinceMs)) return;
    this.#sinceMs = Number.NaN;
    this.#tries = 0;
    this.listener(null);
  }

  /** Ends the wait under way, and every later one, with this error. The first one counts. */
  interrupt(error: OperatorError): void {
    if (this.#interruption !== null) return;
    this.#interruption = error;
    this.#interrupted.ring(error);
    setTimeout(() => this.#overdue.ring(error), GRACE_MS).unref();
  }

  /** Settles as `work` does, or rejects when it is not done soon after an interruption. */
  orInterrupted<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#overdue.rung]);
  }

  async #sleep(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const slept = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([slept, this.#interrupted.rung]).finally(() => clearTimeout(timer));
  }

  #givenUp({ error }: Trouble): OperatorError {
    if (this.limitMs === 0) return error;
    const waited = `gave up after ${formatDuration(this.limitMs)}, as --give-up-after says; progress is kept`;
    return new GivenUp(EXIT.temporary, `${error.message} (${waited})`, { cause: error });
  }
}

/** A promise that rejects when it rings, and till then holds up nobody. */
class Alarm {
  readonly rung: Promise<never>;
  ring: (error: Error) => void = () => {};

  constructor() {
    this.rung = new Promise<never>((_, reject) => {
      this.ring = reject;
    });
    this.rung.catch(() => {});
  }
}
