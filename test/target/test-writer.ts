import type { WriteBatch } from '../../src/target/batch.js';
import { Deployment } from '../../src/target/deployment.js';
import type { Endpoint } from '../../src/target/endpoint.js';
import { Retry } from '../../src/target/patience.js';
import type { Conflict } from '../../src/target/settling.js';
import { settleBatch } from '../../src/target/writer.js';

/** A writer that gives up at the first trouble, with the way to its target open to a test. */
export class TestWriter {
  readonly target: Deployment;

  constructor(
    endpoint: Endpoint,
    readonly conflict: Conflict,
    patience = new Retry(0),
  ) {
    this.target = new Deployment(endpoint, patience);
  }

  settle(batch: WriteBatch): Promise<void> {
    return settleBatch(batch, this.target, this.conflict);
  }

  close(): void {
    this.target.close();
  }
}
