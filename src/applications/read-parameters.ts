import { parseDurationMs } from '../units.js';
import { BEYOND_LIFETIMES, LONGEST_LIFETIME_MS } from './expiry-rules.js';
import { PARAMETER_TYPES, type Parameter } from './template.js';
import type { Entry, YamlSource } from './yaml-source.js';

/** Words of the grammar, and options that every command has: a parameter of such a name could not be told apart. */
const TAKEN = ['sid', 'bytes', 'length', 'md5', 'app', 'to', 'from', 'json', 'config', 'help', 'version', 'profile'];

const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** The `parameters` of a template. */
export function readParameters({ value, key }: Entry, source: YamlSource): Parameter[] {
  const entries = source.entries(value, 'parameters', null, key);
  const parameters = entries.flatMap((entry) => readParameter(entry, source) ?? []);
  for (const { name, default: usual } of parameters) {
    for (const [whole, other] of (usual ?? '').matchAll(/\{([a-z][a-z0-9-]*)\}/g)) {
      const known = parameters.find((parameter) => parameter.name === other && parameter.name !== name);
      if (known?.default != null && !known.default.includes('{')) continue;
      const at = entries.find((entry) => entry.name === name)?.key;
      const fault = `names ${whole}, which is no parameter with a default of its own`;
      source.complain(at, `the default of parameter ${name} ${fault}`);
    }
  }
  return parameters;
}

function readParameter({ name, key, value }: Entry, source: YamlSource): Parameter | null {
  if (!NAME.test(name)) {
    source.complain(key, `"${name}" is no name of a parameter: write lower-case words with dashes, as in cookie-name`);
    return null;
  }
  if (TAKEN.includes(name)) {
    source.complain(key, `a parameter can't be called ${name}, which means something else here`);
    return null;
  }
  const parameter: Parameter = { name, type: 'text', default: null, choices: [], help: '' };
  for (const part of source.entries(value, `parameter ${name}`, ['type', 'default', 'choices', 'help'], key)) {
    const owner = `${part.name} of parameter ${name}`;
    if (part.name === 'type') parameter.type = source.choice(part.value, owner, PARAMETER_TYPES, part.key) ?? 'text';
    else if (part.name === 'choices') parameter.choices = source.texts(part.value, owner, part.key);
    else if (part.name === 'help') parameter.help = source.text(part.value, owner, part.key) ?? '';
    else parameter.default = source.text(part.value, owner, part.key);
  }
  const isChoice = parameter.type === 'choice';
  if (isChoice && parameter.choices.length === 0)
    source.complain(key, `parameter ${name} is a choice of nothing: list choices`);
  if (!isChoice && parameter.choices.length > 0)
    source.complain(key, `parameter ${name} has choices, so its type is choice`);
  if (parameter.help === '')
    source.complain(key, `parameter ${name} has no help: say in a few words what it is in the application`);
  const advice = parameter.default === null ? '' : valueAdvice(parameter, parameter.default);
  if (advice !== '') source.complain(key, `the default of parameter ${name} ${advice}`);
  return parameter;
}

/** Whether a text is `{parameter}` of one that is a whole number. */
export function isCount(text: string, parameters: readonly Parameter[]): boolean {
  return parameters.some(({ name, type }) => type === 'count' && text === `{${name}}`);
}

/** What is wrong with a value for a parameter, to go behind a name of it; empty where nothing is. */
export function valueAdvice({ type, choices, help }: Parameter, value: string): string {
  if (type === 'duration') {
    const ms = parseDurationMs(value);
    if (Number.isNaN(ms)) return `is "${value}", which is no duration: write it as 1440s, 120m, 24h or 14d`;
    if (ms > LONGEST_LIFETIME_MS) return `is "${value}", ${BEYOND_LIFETIMES}`;
    return ms > 0 ? '' : `is "${value}": write a duration above zero`;
  }
  if (type === 'count') return /^\d{1,9}$/.test(value) ? '' : `is "${value}", which is no whole number`;
  if (type === 'choice') {
    return choices.includes(value) ? '' : `is "${value}": write ${choices.join(' or ')} (${help})`;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: such a character in a key or name is a slip.
  return /[\x00-\x1f\x7f]/.test(value) ? 'holds a control character' : '';
}
