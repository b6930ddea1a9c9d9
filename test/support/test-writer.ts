import type { WriteBatch } from '../../src/redis/batch.js';
import { Deployment } from '../../src/redis/deployment.js';
import type { Endpoint } from '../../src/redis/endpoint.js';
import type { Conflict } from '../../src/redis/steps.js';
import { Retry } from '../../src/redis/trouble.js';
import { settleBatch } from '../../src/redis/writer.js';

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
