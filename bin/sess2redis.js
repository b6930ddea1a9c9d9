#!/usr/bin/env node
import { greet } from '../dist/cli/greeting.js';

greet(process.argv.slice(2), process.stderr);
// Loaded after the first sign of life: it takes longer than people wait without wondering.
const { main } = await import('../dist/cli/main.js');
process.exitCode = await main(process.argv.slice(2));
