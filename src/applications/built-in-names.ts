import { readdirSync } from 'node:fs';

/**
 * The applications that come with the program are files in templates/, in the grammar that an operator's own are
 * written in. They are shipped as files and not built in, so that an operator can read them and start from a copy, and
 * so that one code path reads them all.
 */
export const TEMPLATES = new URL('../../templates/', import.meta.url);
export const ENDING = '.yaml';

/** Names of the templates that come with the program, in alphabetical order. */
export function builtInNames(): string[] {
  return readdirSync(TEMPLATES)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .sort();
}
