import fs from 'node:fs';
import { OperatorError } from '../../errors.js';
import { EXIT, type ExitCode } from '../../exit-codes.js';
import { replaceOwnFile, tryToReplace } from '../../own-file.js';
import { errorCode } from '../../system-error.js';
import type { RunReport } from './model.js';

/**
 * The file that `--report` names. It is tried when it is named, so that no run ends without a place for its report; it
 * is written beside its place and renamed, so that nobody ever reads half of it.
 */
export class ReportFile {
  isWritten = false;

  /** @throws {OperatorError} with exit code 2 where the file can't be written */
  constructor(readonly path: string) {
    try {
      if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw cannot(path, 'it is a directory');
      tryToReplace(path);
    } catch (error) {
      throw error instanceof OperatorError ? error : cannot(path, codeOf(error));
    }
  }

  /**
   * Writes what `make` makes. A report that can't be written is no reason to keep the run's result to oneself, but no
   * success either: it becomes a warning, and an exit code of 0 becomes 5.
   */
  async writeOrWarn(make: () => RunReport, summary: { exitCode: ExitCode }, warnings: string[]): Promise<void> {
    try {
      await this.write(make());
      this.isWritten = true;
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      warnings.push(error.message);
      if (summary.exitCode === EXIT.complete) summary.exitCode = error.exitCode;
    }
  }

  /** @throws {OperatorError} with exit code 5 where the disk has filled up meanwhile */
  async write(report: RunReport): Promise<void> {
    // Pictures take a third of a second and 40 MB to load: only runs that show some pay for them.
    const { renderPage } = await import('./page.js');
    try {
      replaceOwnFile(this.path, renderPage(report));
    } catch (error) {
      throw new OperatorError(EXIT.temporary, `the report ${this.path} cannot be written (${codeOf(error)})`, {
        cause: error,
      });
    }
  }
}

function cannot(path: string, why: string): OperatorError {
  return new OperatorError(EXIT.usage, `--report ${path} cannot be written (${why}): name another file`);
}

function codeOf(error: unknown): string {
  return errorCode(error) || (error as Error).message;
}
