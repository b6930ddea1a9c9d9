import fs from 'node:fs';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { openOwnFile } from '../own-file.js';
import { errorCode, remedyFor } from '../system-error.js';

/** The file that `--log-file` names, written synchronously so that the last line before a crash is there. */
export class LogFile {
  #fd: number;
  #hasFailed = false;

  /** @param onFailure told once, when a line can't be written @throws {OperatorError} with exit code 2 */
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

  /** Goes on in a new file where the old one was renamed, as logrotate does; in the old one where that fails. */
  reopen(): void {
    try {
      this.#fd = openOwnFile(this.path, 'append', this.#fd);
      this.#hasFailed = false;
    } catch (error) {
      this.onFailure(`the log ${this.path} cannot be opened again (${errorCode(error)}): it goes on in the old file`);
    }
  }
}
