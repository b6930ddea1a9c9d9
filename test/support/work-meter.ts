import { type Profiler, Session } from 'node:inspector';

/** What of the program the meter looks at: whatever a session file is read and written with. */
const PARSERS = /\/src\/(?:applications\/odoo\/|python\/|session)/;

/**
 * Counts work instead of time: how often V8 entered each function and block of the parsers, whatever the machine is busy
 * with. Functions that ran before the meter was made are counted as a whole, so make it before anything is parsed.
 */
export class WorkMeter {
  readonly #session = new Session();

  /** @param scripts further files whose work counts, by their URL */
  constructor(readonly scripts: RegExp = PARSERS) {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Steps since the last call. */
  take(): number {
    let steps = 0;
    this.see((_, count) => {
      steps += count;
    });
    return steps;
  }

  /** Tells of each block that ran since the last call, by a name that stays. */
  see(block: (name: string, count: number) => void): void {
    let scripts: Profiler.ScriptCoverage[] = [];
    this.#session.post('Profiler.takePreciseCoverage', (error, coverage) => {
      if (error !== null) throw error;
      scripts = coverage.result;
    });
    for (const { url, functions } of scripts) {
      if (!PARSERS.test(url) && !this.scripts.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0) block(`${url}:${startOffset}-${endOffset}`, count);
        }
      }
    }
  }

  close(): void {
    this.#session.disconnect();
  }
}
