import { OperatorError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';

/**
 * What an error reply means for a run, by its first word (redis/src/server.c, createSharedObjects). Everything here
 * concerns the server, not a session: the run ends, and what was acknowledged stays.
 */
const MEANINGS: Readonly<Record<string, readonly [ExitCode, string]>> = {
  NOAUTH: [EXIT.permission, 'the server asks for a password: give it by --password-file or SESS2REDIS_PASSWORD'],
  WRONGPASS: [EXIT.permission, 'the server does not accept this user and password: check --user and --password-file'],
  NOPERM: [
    EXIT.permission,
    'the user may not do this: grant it +info +set +get, and for sync +evalsha +eval +del +pexpiretime, on these keys',
  ],
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

/** Turns an error reply into the sentence and exit code for the operator. Values never appear in such replies. */
export function operatorErrorOf(reply: string): OperatorError {
  const word = reply.split(' ', 1)[0] as string;
  const meaning = MEANINGS[word];
  if (meaning !== undefined) return new OperatorError(meaning[0], `${meaning[1]} (it said ${word})`);
  if (/invalid password|without any password configured/i.test(reply)) {
    return new OperatorError(EXIT.permission, MEANINGS.WRONGPASS?.[1] as string);
  }
  if (/max number of clients/i.test(reply)) {
    return new OperatorError(
      EXIT.temporary,
      'the server takes no more clients: raise its maxclients, or run again later',
    );
  }
  return new OperatorError(EXIT.unexpected, `the server answered: ${reply.slice(0, 200)}`);
}
