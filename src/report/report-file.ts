import fs from 'node:fs';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import { errorCode } from '../system/errno.js';
import { replaceOwnFile, tryToReplace } from '../system/own-files.js';
import { comparedWith, recordIn } from './last-report.js';
import type { ReportRecord, RunReport } from './section.js';

/**
 * The file named by `--report`. Whether it can be written is checked before the run starts, so that no run ends without
 * a place for its report. It is written to a temporary file and renamed, so that nobody ever reads half of it.
 */
export class ReportFile {
  isWritten = false;
  /** Of the report that stands in the file; null where none does. */
  #earlier: ReportRecord | null = null;

  /** @throws {OperatorError} with exit code 2 if the file cannot be written */
  constructor(readonly path: string) {
    try {
      if (fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw cannot(path, 'it is a directory');
      tryToReplace(path);
      this.#earlier = recordIn(beginOf(path));
    } catch (error) {
      throw error instanceof OperatorError ? error : cannot(path, codeOf(error));
    }
  }

  /**
   * Writes the report that `make` returns. A failure to write it must not hide the result of the run: it becomes a
   * warning, and turns exit code 0 into 5.
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

  /** @throws {OperatorError} with exit code 5, for instance if the disk has filled up since the check */
  async write(report: RunReport): Promise<void> {
    // Only runs with --report load it.
    const { renderPage } = await import('./html/page.js');
    try {
      replaceOwnFile(this.path, renderPage(comparedWith(report, this.#earlier)));
      this.#earlier = report.record ?? null;
    } catch (error) {
      throw new OperatorError(EXIT.temporary, `the report ${this.path} cannot be written (${codeOf(error)})`, {
        cause: error,
      });
    }
  }
}

/** A report holds its record within so many bytes. */
const BEGIN_BYTES = 64 * 1024;

/** The first bytes of a file; empty where there is none, or where it is no file to be read. */
function beginOf(path: string): string {
  if (fs.statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return '';
  let fd: number;
  try {
    fd = fs.openSync(path, 'r');
  } catch {
    return '';
  }
  try {
    const bytes = Buffer.alloc(BEGIN_BYTES);
    return bytes.toString('latin1', 0, fs.readSync(fd, bytes, 0, BEGIN_BYTES, 0));
  } finally {
    fs.closeSync(fd);
  }
}

function cannot(path: string, why: string): OperatorError {
  return new OperatorError(EXIT.usage, `--report ${path} cannot be written (${why}): name another file`);
}

function codeOf(error: unknown): string {
  return errorCode(error) || (error as Error).message;
}
