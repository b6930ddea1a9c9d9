#!/usr/bin/env node
import { closeSync, openSync } from 'node:fs';

/**
 * Files that must be free to open before the modules are loaded. Node's loader opens all modules of a level at once, and
 * reports a package.json that can't be opened as a package that does not exist.
 */
const FREE_DESCRIPTORS = 160;

/** Throws EMFILE or ENFILE where the loader would run out of descriptors. */
function demandDescriptors() {
  const open = [];
  try {
    while (open.length < FREE_DESCRIPTORS) open.push(openSync(new URL(import.meta.url)));
  } finally {
    for (const descriptor of open) closeSync(descriptor);
  }
}

// A variable of somebody else's would make ioredis print each command that it sends, passwords and session ids with it.
delete process.env.DEBUG;
try {
  demandDescriptors();
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
  if (error?.code !== 'EMFILE' && error?.code !== 'ENFILE') throw error;
  console.error('sess2redis: too many files are open: raise ulimit -n (1024 is plenty), then run the same line again');
  process.exitCode = 5;
}
