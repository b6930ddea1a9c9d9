#!/usr/bin/env node
import { greet } from '../dist/cli/greeting.js';
import { guardStandardStreams } from '../dist/cli/standard-streams.js';

// A variable of somebody else's would make ioredis print each command that it sends, passwords and session ids with it.
delete process.env.DEBUG;
guardStandardStreams();
greet(process.argv.slice(2), process.stderr);
// Loaded after the first sign of life: it takes longer than people wait without wondering.
const { main } = await import('../dist/cli/main.js');
process.exitCode = await main(process.argv.slice(2));
