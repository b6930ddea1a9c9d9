import { readFileSync } from 'node:fs';

export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const handlers = new Map<EndingSignal, (name: EndingSignal) => void>();

/** Hands a signal that would end the process to `handle` from now on; null gives it back to the system. */
export function takeSignal(name: EndingSignal, handle: ((name: EndingSignal) => void) | null): void {
  const before = handlers.get(name);
  if (before !== undefined) process.off(name, before);
  handlers.delete(name);
  if (handle === null) return;
  handlers.set(name, handle);
  process.on(name, handle);
}

export function isSignalTaken(name: EndingSignal): boolean {
  return handlers.has(name);
}

/**
 * Reads a file that the operator named, which may be a pipe that nobody writes to. As no handler would run before
 * somebody does, the signals end the process meanwhile. @throws a system error
 */
export function readNamedFile(path: string): Buffer {
  const taken = [...handlers];
  for (const [name] of taken) takeSignal(name, null);
  try {
    return readFileSync(path);
  } finally {
    for (const [name, handle] of taken) takeSignal(name, handle);
  }
}
