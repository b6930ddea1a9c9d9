import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A directory of this test file's own, open to other users, removed when the file is done; one test at least must run. */
export function makeWorkspace(): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'sess2redis-e2e-'));
  chmodSync(directory, 0o755);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Resolves when `condition` holds; asks again at once after each answer. Vitest's time limit ends a wait in vain. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
