import { readFileSync } from 'node:fs';
import { OperatorError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { replaceOwnFile } from '../own-file.js';
import { errorCode } from '../system-error.js';
import type { PastPasses } from './metrics-gauges.js';

/** Another user's exporter reads it, and nothing in it is secret. */
const MODE = 0o644;

/** A file for node_exporter's textfile collector, replaced as a whole so that nobody reads half of it. */
export class MetricsFile {
  constructor(readonly path: string) {}

  /** @throws {OperatorError} when it can't be written */
  write(text: string): void {
    try {
      // The collector only reads what ends in .prom, which the temporary file does not.
      replaceOwnFile(this.path, text, MODE);
    } catch (error) {
      const code = errorCode(error);
      if (code === '') throw error;
      throw new OperatorError(EXIT.usage, `--metrics-file ${this.path} cannot be written (${code}): name another`);
    }
  }

  /** How the passes before this process ended, as the file has it for these labels. */
  readPast(labels: Readonly<Record<string, string>>): PastPasses {
    let text = '';
    try {
      text = readFileSync(this.path, 'utf8');
    } catch {
      // The first pass that writes it.
    }
    const find = (name: string): number | null => {
      const line = text.split('\n').find((each) => each.startsWith(`sess2redis_${name}{`) && hasLabels(each, labels));
      const value = Number(line?.slice(line.lastIndexOf(' ') + 1) || Number.NaN);
      return Number.isFinite(value) && value > 0 ? value : null;
    };
    const toMs = (seconds: number | null) => (seconds === null ? null : seconds * 1000);
    return {
      exitCode: find('last_exit_code') as ExitCode | null,
      endedMs: toMs(find('last_end_timestamp_seconds')),
      successMs: toMs(find('last_success_timestamp_seconds')),
    };
  }
}

/** Whether a line of the text format carries these labels and no others. */
function hasLabels(line: string, labels: Readonly<Record<string, string>>): boolean {
  const found = [...line.matchAll(/[{,](\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => `${name}=${value}`);
  const wanted = Object.entries(labels).map(([name, value]) => `${name}=${escapeLabel(value)}`);
  return found.sort().join() === wanted.sort().join();
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"');
}
