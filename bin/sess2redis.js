#!/usr/bin/env node
// A variable of somebody else's would make ioredis print each command that it sends, passwords and session ids with it.
delete process.env.DEBUG;
try {
  const { greet, guardStandardStreams } = await import('../dist/cli/greeting.js');
  guardStandardStreams();
  greet(process.argv.slice(2), process.stderr);
  const { takeSignals } = await import('../dist/cli/signals.js');
  takeSignals();
  // Loaded after the first sign of life: it takes longer than people wait without wondering.
  const { main } = await import('../dist/cli/main.js');
  process.exitCode = await main(process.argv.slice(2));
  // All is said and done: nothing that was left open, be it by a library, may keep the process.
  setTimeout(() => process.exit(), 3000).unref();
} catch (error) {
  // The loader's own files are the first that can't be opened.
  if (error?.code !== 'EMFILE' && error?.code !== 'ENFILE') throw error;
  console.error('sess2redis: too many files are open: raise ulimit -n (1024 is plenty), then run the same line again');
  process.exitCode = 5;
}
