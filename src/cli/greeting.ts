/** Commands that may take a while before they print anything. */
const SLOW = ['migrate', 'sync', 'audit', 'verify', 'export', 'bench'];

/**
 * Writes the name of the command to a terminal, before the modules are loaded, and moves the cursor back to the start
 * of the line, so that the next output takes its place. Writes nothing to a pipe, where it would be noise in a log.
 */
export function greet(words: readonly string[], stream: NodeJS.WriteStream): void {
  const [command = ''] = words;
  const wantsMore = words.some((word) => /^(--help|-h|--version|--quiet)$/.test(word));
  if (stream.isTTY && SLOW.includes(command) && !wantsMore) stream.write(`sess2redis ${command}\r`);
}

/** The first error of each standard stream (`ENOSPC`), by the name of the stream. */
const failures = new Map<string, string>();

/**
 * Keeps errors of stdout and stderr from ending the run: output that can't be written (the disk is full, the terminal
 * is gone) is dropped, and `stdoutFailure` says so later. A reader such as `head` may leave early, which is no failure.
 */
export function guardStandardStreams(): void {
  guard('stdout', process.stdout);
  guard('stderr', process.stderr);
}

/** Why some of stdout could not be written (`ENOSPC`), or an empty text. */
export function stdoutFailure(): string {
  return failures.get('stdout') ?? '';
}

function guard(name: string, stream: NodeJS.WriteStream): void {
  const keep = (error: unknown): void => {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== 'EPIPE' && !failures.has(name)) failures.set(name, /^E[A-Z]/.test(code) ? code : `errno ${errno}`);
  };
  stream.on('error', keep);
  const write = stream.write.bind(stream) as (...all: unknown[]) => boolean;
  // A stream on a file writes synchronously and throws; one on a pipe emits its errors (nodejs/node,
  // lib/internal/fs/sync_write_stream.js).
  stream.write = ((...all: unknown[]) => {
    try {
      return write(...all);
    } catch (error) {
      keep(error);
      return true;
    }
  }) as typeof stream.write;
}
