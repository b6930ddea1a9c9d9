import type { BenchFinding } from './findings.js';

/** Who is told what the benchmark does and finds, and who can end it. */
export interface Observer {
  tell(finding: BenchFinding): void;
  progress(what: string, done: number, of: number): void;
  signal: AbortSignal;
}
