import { nearest } from '../nearest.js';
import { parseDurationMs } from '../units.js';
import { valueAdvice } from './read-parameters.js';
import { MOST_LEVELS } from './read-store-parts.js';
import type { Parameter, ParameterValue, Template, TemplateSettings } from './template.js';

/** A template with its values, or null and every fault that was found, a sentence each. */
export interface BoundTemplate {
  settings: TemplateSettings | null;
  faults: readonly string[];
}

/**
 * Gives a template the operator's values.
 * @param given by name of parameter, as they were written
 */
export function bindTemplate(template: Template, given: Readonly<Record<string, string>>): BoundTemplate {
  const faults: string[] = [];
  const names = template.parameters.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const guess = nearest(name, names);
    const hint =
      guess !== null
        ? `did you mean --${guess}?`
        : names.length === 0
          ? 'it has none'
          : `it has ${names.map((known) => `--${known}`).join(', ')}`;
    faults.push(`--${name} is no value of ${template.name}: ${hint}`);
  }
  const values: Record<string, ParameterValue> = {};
  for (const parameter of template.parameters) {
    const text = given[parameter.name] ?? usualText(template, parameter.name, given);
    if (text === null) {
      faults.push(`${template.name} needs --${parameter.name}: ${parameter.help}`);
      continue;
    }
    const advice = valueAdvice(parameter, text);
    if (advice !== '') faults.push(`--${parameter.name} ${advice}`);
    values[parameter.name] = parseValue(parameter, text);
    const isLevels = template.file.directories?.levels === `{${parameter.name}}`;
    if (isLevels && Number(text) > MOST_LEVELS)
      faults.push(`--${parameter.name} is ${text}: a store has ${MOST_LEVELS} levels at most`);
  }
  return { settings: faults.length > 0 ? null : { template, values }, faults };
}

/** The default of a parameter, with the texts of the others that it names; null where one has to be given. */
export function usualText(
  { parameters }: Template,
  name: string,
  given: Readonly<Record<string, string>>,
): string | null {
  const usual = parameters.find((parameter) => parameter.name === name)?.default ?? null;
  if (usual === null) return null;
  return usual.replace(/\{([a-z][a-z0-9-]*)\}/g, (whole, other: string) => {
    const known = parameters.find((parameter) => parameter.name === other);
    return given[other] ?? known?.default ?? whole;
  });
}

function parseValue({ type }: Parameter, text: string): ParameterValue {
  if (type === 'duration') return parseDurationMs(text);
  return type === 'count' ? Number(text) : text;
}

/** Something for each parameter that has to be given, where the values do not matter. */
export function placeholdersFor({ parameters }: Template): Record<string, string> {
  const needed = parameters.filter((parameter) => parameter.default === null);
  return Object.fromEntries(
    needed.map(({ name, type, choices: [first] }) => [
      name,
      first ?? (type === 'duration' ? '1h' : type === 'count' ? '0' : `<${name}>`),
    ]),
  );
}
