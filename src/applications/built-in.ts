import { readdirSync, readFileSync } from 'node:fs';
import { readTemplate } from './read-template.js';
import type { Template } from './template.js';

/**
 * The applications that come with the program are files in templates/, in the grammar that an operator's own are
 * written in. They are shipped as files and not built in, so that an operator can read them and start from a copy, and
 * so that one code path reads them all.
 */
const DIRECTORY = new URL('../../templates/', import.meta.url);
const ENDING = '.yaml';

/** Names of the templates that come with the program, in alphabetical order. */
export function builtInNames(): string[] {
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .sort();
}

/** @throws {Error} for a template of ours that has a fault, which the tests do not let happen */
export function builtInTemplate(name: string): Template {
  const path = `${name}${ENDING}`;
  const { template, complaints } = readTemplate(path, readFileSync(new URL(path, DIRECTORY), 'utf8'));
  if (template === null) throw new Error(complaints.join('\n'));
  return template;
}
