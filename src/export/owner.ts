import { readFileSync } from 'node:fs';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';

/** Whom a file belongs to. */
export interface FileOwner {
  uid: number;
  gid: number;
}

const EXAMPLE = 'write user, user:group or uid:gid, as in odoo:odoo or 101:101';
/** -1 means "leave it" to chown(2). */
const MOST = 2 ** 32 - 2;

/**
 * Reads `--owner`. A user alone brings its own group along. @param etc the directory of passwd and group
 * @throws {OperatorError} with exit code 2
 */
export function parseOwner(text: string, etc = '/etc'): FileOwner {
  const [user = '', group, ...rest] = text.split(':');
  if (user === '' || group === '' || rest.length > 0) throw bad(`--owner is ${JSON.stringify(text)}: ${EXAMPLE}`);
  const account = isNumber(user) ? null : entryOf(`${etc}/passwd`, user);
  if (group === undefined) {
    if (account === null) throw bad(`--owner is ${JSON.stringify(text)}, a number without a group: ${EXAMPLE}`);
    return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  const gid = isNumber(group) ? Number(group) : Number(entryOf(`${etc}/group`, group)[2]);
  return { uid: account === null ? Number(user) : Number(account[2]), gid };
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) <= MOST;
}

/** The fields of passwd(5) or group(5). Users of a directory service are not in there, and have numbers as well. */
function entryOf(file: string, name: string): string[] {
  let lines: string[] = [];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch {
    // A container without the file knows numbers only.
  }
  const entry = lines.map((line) => line.split(':')).find((fields) => fields[0] === name && fields.length > 2);
  if (entry === undefined) {
    throw bad(`--owner: ${file} has no ${JSON.stringify(name)}: give numbers, as in 101:101 (see: id ${name})`);
  }
  return entry;
}

function bad(message: string): OperatorError {
  return new OperatorError(EXIT.usage, message);
}
