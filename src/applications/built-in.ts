import { readFileSync } from 'node:fs';
import { builtInNames, ENDING, TEMPLATES } from './built-in-names.js';
import { readTemplate } from './read-template.js';
import type { Template } from './template.js';

export { builtInNames } from './built-in-names.js';
export { readTemplate } from './read-template.js';

/** Templates of ours in whose text this stands. */
export function builtInTemplatesWith(text: string): Template[] {
  const isIn = (name: string) => readFileSync(new URL(`${name}${ENDING}`, TEMPLATES), 'utf8').includes(text);
  return builtInNames().filter(isIn).map(builtInTemplate);
}

/** @throws {Error} for a template of ours that has a fault, which the tests do not let happen */
export function builtInTemplate(name: string): Template {
  const path = `${name}${ENDING}`;
  const { template, complaints } = readTemplate(path, readFileSync(new URL(path, TEMPLATES), 'utf8'));
  if (template === null) throw new Error(complaints.join('\n'));
  return template;
}
