// Puts the programs that setup.mjs unpacked for this project alone (where nothing may be installed) last on PATH. Imported
// for that by what starts a Redis server: the tests' configurations, the demo, the benchmark and the smoke test.
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where setup.mjs unpacks Debian's packages; nothing in it is committed or packed. */
export const CACHE = fileURLToPath(new URL('../.cache', import.meta.url));
export const PROGRAMS = join(CACHE, 'bin');

process.env.PATH = [process.env.PATH, PROGRAMS].filter(Boolean).join(delimiter);
