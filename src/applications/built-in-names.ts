import { readdirSync } from 'node:fs';

/**
 * The applications that come with the program are files in templates/, in the grammar that an operator's own are
 * written in. They are shipped as files and not built in, so that an operator can read them and start from a copy, and
 * so that one code path reads them all.
 */
export const TEMPLATES = new URL('../../templates/', import.meta.url);
export const ENDING = '.yaml';

/** The only application that is code and no template: its names on the command line, in a list and in a sentence. */
export const OWN_CODE = { name: 'odoo', title: 'Odoo, with any of its Redis modules', spoken: 'Odoo' } as const;

/** Names of the templates that come with the program, in alphabetical order. */
export function builtInNames(): string[] {
  return readdirSync(TEMPLATES)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .sort();
}
