/** Where the bench writes: stores that may be kept, and everything else in a temporary directory that never is. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { whenLeaving } from './leaving.mjs';

export function openWorkspace(directory) {
  // Its own directory even where stores are kept: a socket's path must stay short.
  const temporary = mkdtempSync(join(tmpdir(), 'sess2redis-bench-'));
  whenLeaving(() => {
    if (!directory) process.stderr.write('bench: removing the stores\n');
    rmSync(temporary, { recursive: true, force: true });
  });
  if (!directory) return { temporary, stores: temporary };
  const stores = resolve(directory);
  mkdirSync(stores, { recursive: true });
  return { temporary, stores };
}
