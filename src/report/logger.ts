import fs from 'node:fs';
import { type Logger, pino } from 'pino';
import { EXIT, OperatorError } from '../errors.js';
import { maskLines, maskSids } from '../masking.js';
import { errorCode, remedyFor } from '../system/errno.js';
import { openOwnFile } from '../system/own-files.js';
import type { Terminal } from './terminal.js';

export type { Logger };

/**
 * The log, as JSON lines; silent unless the operator sets a level or a file. On stderr it is written through
 * {@link Terminal}, which keeps it apart from the progress line. It never holds a session id, a payload or a password.
 */
export function createLogger(
  level: string | undefined,
  file: LogFile | null,
  terminal: Pick<Terminal, 'print'>,
): Logger {
  if (level === undefined && file === null) return pino({ level: 'silent' });
  const stream = file ?? { write: (line: string) => terminal.print(line.trimEnd()) };
  const serializers = { err: describedError };
  return pino(
    { level: level ?? 'info', base: { pid: process.pid }, serializers, hooks: { streamWrite: maskSids } },
    stream,
  );
}

/**
 * The message and the stack of an error, but none of the properties that libraries add, such as the arguments of a
 * command (ioredis, DataHandler.js).
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

/** The file named by `--log-file`. It is written synchronously, so that the last line before a crash is there. */
export class LogFile {
  #fd: number;
  #hasFailed = false;

  /**
   * @param onFailure called once if lines cannot be written
   * @throws {OperatorError} with exit code 2
   */
  constructor(
    readonly path: string,
    readonly onFailure: (message: string) => void,
  ) {
    try {
      this.#fd = openOwnFile(path, 'append');
    } catch (error) {
      throw new OperatorError(EXIT.usage, `--log-file ${path} cannot be written (${errorCode(error)}): name another`);
    }
  }

  write(line: string): void {
    try {
      fs.writeSync(this.#fd, line);
    } catch (error) {
      const code = errorCode(error);
      if (code === '') throw error;
      if (!this.#hasFailed) this.onFailure(`the log ${this.path} cannot be written (${code}): ${remedyFor(code)}`);
      this.#hasFailed = true;
    }
  }

  /** Opens the path again after logrotate has renamed the file; if that fails, the log goes on in the old file. */
  reopen(): void {
    try {
      this.#fd = openOwnFile(this.path, 'append', this.#fd);
      this.#hasFailed = false;
    } catch (error) {
      this.onFailure(`the log ${this.path} cannot be opened again (${errorCode(error)}): it goes on in the old file`);
    }
  }
}
