/** Commands that may take a while before they have something to say. */
const SLOW = ['migrate', 'sync', 'audit', 'verify', 'export', 'bench'];

/**
 * The first sign of life on a terminal, before anything heavy is loaded: the command's name, and the cursor back at the
 * start of the line, so that whatever is said next takes its place. Nothing on a pipe, where it would be noise in a
 * log.
 */
export function greet(words: readonly string[], stream: NodeJS.WriteStream): void {
  const [command = ''] = words;
  const wantsMore = words.some((word) => /^(--help|-h|--version|--quiet)$/.test(word));
  if (stream.isTTY && SLOW.includes(command) && !wantsMore) stream.write(`sess2redis ${command}\r`);
}

/** System errors of the standard streams, by the stream's name; the first one of each. */
const failures = new Map<string, string>();

/**
 * Keeps stdout and stderr from ending the run: what can't be written (a full disk, a terminal that is gone) is dropped,
 * and told of when the work is done. A reader such as `head` may leave early, which is no failure.
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
  const note = (error: unknown): void => {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== 'EPIPE' && !failures.has(name)) failures.set(name, /^E[A-Z]/.test(code) ? code : `errno ${errno}`);
  };
  stream.on('error', note);
  const write = stream.write.bind(stream) as (...all: unknown[]) => boolean;
  // A file is written at once, and throws where a pipe would tell of its error (nodejs/node,
  // lib/internal/fs/sync_write_stream.js).
  stream.write = ((...all: unknown[]) => {
    try {
      return write(...all);
    } catch (error) {
      note(error);
      return true;
    }
  }) as typeof stream.write;
}
