// Writes man/sess2redis.1 from the table of options. Needs dist/; run it as `npm run man`, which builds first.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { COMMANDS } from '../dist/cli/commands.js';
import { manPage } from '../dist/cli/man-page.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
mkdirSync(new URL('../man', import.meta.url), { recursive: true });
writeFileSync(new URL('../man/sess2redis.1', import.meta.url), manPage(COMMANDS, version));
