import { openSync } from 'node:fs';
import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { maskLines, maskSids } from '../fingerprint.js';
import type { Terminal } from './terminal.js';

export type { Logger };

/**
 * The log: silent unless the operator asks for a level or a file. JSON lines, written synchronously so that the last
 * line before a crash is there, and on stderr never into the line that shows progress. Nothing that is logged holds a sid, a payload or a password.
 */
export function createLogger(
  level: string | undefined,
  file: string | undefined,
  terminal: Pick<Terminal, 'warn'>,
): Logger {
  if (level === undefined && file === undefined) return pino({ level: 'silent' });
  let stream: DestinationStream;
  try {
    // Opened here and not by pino, so that only its owner may read it.
    stream =
      file === undefined
        ? { write: (line) => terminal.warn(line.trimEnd()) }
        : destination({ dest: openSync(file, 'a', 0o600), sync: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new OperatorError(EXIT.usage, `--log-file ${file} cannot be written (${code}): name another`);
  }
  const serializers = { err: describedError };
  return pino(
    { level: level ?? 'info', base: { pid: process.pid }, serializers, hooks: { streamWrite: maskSids } },
    stream,
  );
}

/**
 * An error as it may be logged: what it says and where it comes from, and none of the properties that others hang on theirs,
 * such as the arguments of a command (ioredis, DataHandler.js).
 */
function describedError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error, message: maskLines(String(error)) };
  const { name, message, stack, cause } = error;
  const code = (error as NodeJS.ErrnoException).code;
  return {
    type: name,
    message: maskLines(message),
    stack: maskLines(stack ?? ''),
    ...(typeof code === 'string' && { code }),
    ...('exitCode' in error && { exitCode: error.exitCode }),
    ...(cause instanceof Error && { cause: maskLines(cause.message) }),
  };
}
