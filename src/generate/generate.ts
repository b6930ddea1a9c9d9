import {
  closeSync,
  futimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { randomFrom } from '../applications/seeded-random.js';
import type { JunkEntry, SessionGenerator } from '../applications/session-generator.js';
import { directoryMode } from '../system/file-system.js';

const DAY_MS = 86_400_000;
/** Few enough for a signal to be heard soon. */
const SESSIONS_PER_TURN = 100;
const SESSIONS_PER_REPORT = 10_000;

export interface GenerateOptions {
  directory: string;
  sessions: number;
  /** Further entries that are no sound sessions. */
  junk: number;
  seed: number;
  nowMs: number;
}

/**
 * Fills a directory with sessions as an application would have left them: ages as of a shop in use, mtimes to match.
 * The same seed makes the same sessions. Calls `onProgress` now and then, and yields where it may be left for a moment.
 */
export function* generateStore(
  options: GenerateOptions,
  generator: SessionGenerator,
  onProgress: (done: number) => void,
): Generator<void, void> {
  const { directory, sessions, junk, nowMs } = options;
  const { mode } = generator;
  const random = randomFrom(options.seed);
  const directories = new DirectoryMaker(directory, directoryMode(mode));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (let i = 0; i < sessions; i++) {
    // The square makes young sessions the most frequent ones.
    const savedMs = nowMs - random() ** 2 * generator.oldestMs;
    generator.make(i, savedMs, random);
    directories.makeFor(generator.path);
    writeSession(`${directory}/${generator.path}`, generator.file, savedMs, mode);
    if (i % SESSIONS_PER_REPORT === SESSIONS_PER_REPORT - 1) onProgress(i + 1);
    if (i % SESSIONS_PER_TURN === 0) yield;
  }
  for (let i = 0; i < junk; i++) {
    const entry = generator.junk(i);
    if (entry === null) return;
    directories.makeFor(entry.path);
    leave(entry, `${directory}/${entry.path}`, nowMs - random() * DAY_MS);
    yield;
  }
}

/** Makes the directories of files in a store, each once. */
class DirectoryMaker {
  readonly #made = new Set<string>();

  constructor(
    readonly root: string,
    readonly mode: number,
  ) {}

  makeFor(path: string): void {
    const end = path.lastIndexOf('/');
    const directory = path.slice(0, Math.max(0, end));
    if (directory === '' || this.#made.has(directory)) return;
    mkdirSync(`${this.root}/${directory}`, { recursive: true, mode: this.mode });
    this.#made.add(directory);
  }
}

function leave({ content, size, linkTo }: JunkEntry, path: string, savedMs: number): void {
  if (linkTo !== undefined) {
    symlinkSync(linkTo, path);
    return;
  }
  writeFileSync(path, content, 'latin1');
  if (size !== undefined) truncateSync(path, size);
  utimesSync(path, savedMs / 1000, savedMs / 1000);
}

function writeSession(path: string, bytes: Uint8Array, savedMs: number, mode: number): void {
  const fd = openSync(path, 'w', mode);
  try {
    writeSync(fd, bytes);
    futimesSync(fd, savedMs / 1000, savedMs / 1000);
  } finally {
    closeSync(fd);
  }
}
