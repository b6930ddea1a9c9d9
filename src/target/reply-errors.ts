import { OperatorError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';

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

/** `NOPERM ... no permissions to run the 'set' command`, `... to access one of the keys ...`; before 7.0 in other words. */
function lackingRight(reply: string, command: string): string {
  const named = /\brun the '?([a-z]{2,30})\b[a-z|]*'? command/i.exec(reply)?.[1] ?? command;
  const right = `+${named.toLowerCase()}`;
  const more = named === '' || GRANTS.split(/[ ,]+/).includes(right) ? '' : `${right}, and `;
  return `the user may not do this: grant it ${more}${GRANTS} on these keys (it said NOPERM)`;
}

/** The name of the command that begins with these bytes of RESP; of one with a second word such as CLIENT, only the first. */
export function commandNameIn(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(64, bytes.length)).toString('latin1');
  return (/^\*\d+\r\n\$\d+\r\n([A-Za-z]{2,20})\r\n/.exec(head)?.[1] ?? '').toUpperCase();
}
