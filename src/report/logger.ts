import { type Logger, pino } from 'pino';
import { maskLines, maskSids } from '../fingerprint.js';
import type { LogFile } from './log-file.js';
import type { Terminal } from './terminal.js';

export type { Logger };

/**
 * The log: silent unless the operator asks for a level or a file. JSON lines, on stderr never in the line that shows
 * progress. Nothing that is logged holds a sid, a payload or a password.
 */
export function createLogger(
  level: string | undefined,
  file: LogFile | null,
  terminal: Pick<Terminal, 'warn'>,
): Logger {
  if (level === undefined && file === null) return pino({ level: 'silent' });
  const stream = file ?? { write: (line: string) => terminal.warn(line.trimEnd()) };
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
