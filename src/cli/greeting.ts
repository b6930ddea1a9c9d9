/** Commands that may take a while before they have something to say. */
const SLOW = ['migrate', 'sync', 'audit', 'verify', 'export', 'bench'];

/**
 * The first sign of life on a terminal, before anything heavy is loaded: the command's name, and the cursor back at the
 * start of the line, so that whatever is said next takes its place. Nothing on a pipe, where it would be noise in a log.
 */
export function greet(words: readonly string[], stream: NodeJS.WriteStream): void {
  const [command = ''] = words;
  const wantsMore = words.some((word) => /^(--help|-h|--version|--quiet)$/.test(word));
  if (stream.isTTY && SLOW.includes(command) && !wantsMore) stream.write(`sess2redis ${command}\r`);
}
