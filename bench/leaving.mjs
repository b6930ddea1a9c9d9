/** What must be undone however the bench ends: servers and children stopped, temporary directories removed. */

const actions = new Set();

/** Registers a synchronous action for the end of the process; the returned function takes it off again. */
export function whenLeaving(action) {
  actions.add(action);
  return () => actions.delete(action);
}

process.on('exit', () => {
  // Newest first: a server goes before the directory that holds its socket.
  for (const action of [...actions].reverse()) {
    try {
      action();
    } catch (error) {
      process.stderr.write(`bench: while leaving: ${error.message}\n`);
    }
  }
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.once(signal, () => process.exit(code));
}
