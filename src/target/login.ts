import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { describeEndpoint, type Server } from './endpoint.js';
import type { ErrorReply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';

/** The commands with which a connection begins. It is in database 0 then, and a user may lack the right to SELECT. */
export function loginSteps({ username, password, databaseIndex = 0 }: Server): string[][] {
  const steps: string[][] = [];
  if (password !== undefined) steps.push(username === undefined ? ['AUTH', password] : ['AUTH', username, password]);
  if (databaseIndex !== 0) steps.push(['SELECT', String(databaseIndex)]);
  return steps;
}

/** What it means that one of them was refused. */
export function refusedLogin(server: Server, step: readonly string[], reply: ErrorReply): OperatorError {
  const [command = ''] = step;
  const { databaseIndex = 0 } = server;
  const { text } = reply;
  if (command !== 'SELECT' || /^(NOAUTH|LOADING|BUSY|MASTERDOWN)\b/.test(text)) return operatorErrorOf(text, command);
  const where = describeEndpoint(server);
  if (/\bout of range|\binvalid (db|database) index/i.test(text)) {
    return new OperatorError(
      EXIT.usage,
      `the server has no database ${databaseIndex} (it is out of range): name another in --to`,
    );
  }
  if (/cluster/i.test(text)) {
    const sentence = `${where} is part of a cluster, which has the database 0 only: name it by cluster://host:port`;
    return new OperatorError(EXIT.refused, sentence);
  }
  if (text.startsWith('NOPERM')) {
    const sentence = `database ${databaseIndex} needs the right to SELECT: grant the user +select, or name database 0`;
    return new OperatorError(EXIT.permission, `${where}: ${sentence} (it said NOPERM)`);
  }
  const word = /^[A-Z]{2,20}(?= |$)/.exec(text)?.[0] ?? 'an error of its own';
  const sentence = `the server refuses SELECT (it said ${word}), so database ${databaseIndex} can't be reached: name database 0`;
  return new OperatorError(EXIT.permission, `${where}: ${sentence}`);
}
