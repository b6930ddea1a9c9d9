import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A directory on a real disk that goes when the test file is done. Call it at the top of a file or a `describe`. */
export function temporaryDirectory(parent = tmpdir()): string {
  const directory = mkdtempSync(join(parent, 'sess2redis-test-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
