import type { Node } from 'yaml';
import { isMap } from 'yaml';
import { parseDurationMs } from '../units.js';
import { CONVERTERS } from './converters.js';
import { BEYOND_LIFETIMES, isOfMtime, LONGEST_LIFETIME_MS, parseRule } from './expiry-rules.js';
import { parsePieces } from './placeholders.js';
import { type ExpiresPart, type Parameter, type ReaderPart, TemplateFault, type ValuePart } from './template.js';
import { parseValueText } from './value-texts.js';
import type { Entry, YamlSource } from './yaml-source.js';

/** More fields than any reader's hash has. */
const MOST_FIELDS = 32;

/** The `value` of a template; without one it is the bytes of the file. */
export function readValuePart({ value, key }: Entry, parameters: readonly string[], source: YamlSource): ValuePart {
  if (isMap(value)) return readValueMapping(value, key, parameters, source);
  const text = source.text(value, 'value', key) ?? '{bytes}';
  const from = /^bytes(?: from (\d{1,5}))?$/.exec(text);
  if (from !== null) return { kind: 'bytes', from: Number(from[1] ?? 0) };
  source.checked(value, () => parseValueText(text, parameters, false));
  return { kind: 'text', text };
}

function readValueMapping(node: Node, key: Node, parameters: readonly string[], source: YamlSource): ValuePart {
  const fields: [name: string, text: string][] = [];
  let own: Entry | null = null;
  let converter: string | null = null;
  let packed: 'cm' | null = null;
  for (const entry of source.entries(node, 'value', ['fields', 'own', 'packed', 'convert'], key)) {
    if (entry.name === 'own') own = entry;
    else if (entry.name === 'packed') packed = source.choice(entry.value, 'value.packed', ['cm'], entry.key);
    else if (entry.name === 'convert') {
      converter = source.choice(entry.value, 'value.convert', Object.keys(CONVERTERS), entry.key);
    } else {
      for (const field of source.entries(entry.value, 'value.fields', null, entry.key)) {
        const text = source.text(field.value, `field ${field.name}`, field.key);
        if (text === null) continue;
        source.checked(field.value, () => parseValueText(text, parameters, true));
        fields.push([field.name, text]);
      }
    }
  }
  if (converter !== null) {
    if (fields.length > 0) source.complain(node, 'value has either fields or convert, not both');
    return { kind: 'convert', converter };
  }
  const holding = fields.filter(([, text]) => text.includes('{bytes}')).map(([name]) => name);
  if (fields.length > MOST_FIELDS) source.complain(node, `value.fields has more than ${MOST_FIELDS} fields`);
  if (holding.length === 0) source.complain(node, 'value.fields has no field that holds {bytes}');
  const ownName = own === null ? (holding[0] ?? '') : (source.text(own.value, 'value.own', own.key) ?? '');
  if (own !== null && !holding.includes(ownName)) {
    source.complain(own.value ?? own.key, `value.own is ${ownName}, which is no field that holds {bytes}`);
  }
  return { kind: 'fields', fields, own: ownName, packed };
}

/** The `expires` of a template: a rule, a list of them, or a mapping with bounds. */
export function readExpiresPart(
  { value, key }: Entry,
  parameters: readonly Parameter[],
  source: YamlSource,
): ExpiresPart {
  const part: ExpiresPart = { rules: [], min: null, max: null };
  const durations = parameters.filter(({ type }) => type === 'duration').map(({ name }) => name);
  const readRules = (node: Node | null, at: Node) => {
    part.rules = source.texts(node, 'expires', at);
    const rules = part.rules.map((rule) => source.checked(node, () => parseRule(rule, durations)));
    const last = rules.at(-1);
    if (last !== undefined && last !== null && !isOfMtime(last)) {
      source.complain(node ?? at, 'expires may say nothing of a session: end it with a rule such as mtime + 14d');
    }
  };
  if (!isMap(value)) {
    readRules(value, key);
    return part;
  }
  let isComplete = false;
  for (const entry of source.entries(value, 'expires', ['first', 'min', 'max'], key)) {
    if (entry.name === 'first') {
      isComplete = true;
      readRules(entry.value, entry.key);
      continue;
    }
    const text = source.text(entry.value, `expires.${entry.name}`, entry.key);
    if (text === null) continue;
    part[entry.name as 'min' | 'max'] = text;
    source.checked(entry.value, () => checkDuration(text, `expires.${entry.name}`, durations));
  }
  if (!isComplete) source.complain(key, 'expires has bounds and no rule: write the rules under first');
  if (parseDurationMs(part.min ?? '') > parseDurationMs(part.max ?? ''))
    source.complain(value, 'expires.min is above expires.max');
  return part;
}

/** @throws {TemplateFault} */
function checkDuration(text: string, owner: string, parameters: readonly string[]): void {
  if (parseDurationMs(text) > LONGEST_LIFETIME_MS)
    throw new TemplateFault(`${owner} is "${text}", ${BEYOND_LIFETIMES}`);
  if (parameters.some((name) => text === `{${name}}`) || !Number.isNaN(parseDurationMs(text))) return;
  throw new TemplateFault(
    `${owner} is "${text}", which is neither a duration such as 60s nor a {parameter} of that type`,
  );
}

/** The `reader` of a template: what is known of it besides keys and values. */
export function readReaderPart(
  { value, key }: Entry,
  parameters: readonly Parameter[],
  source: YamlSource,
): ReaderPart {
  const part: ReaderPart = { lifetime: null, renewal: null, renewsOnRead: false, undecodable: '', requires: '' };
  const durations = parameters.filter(({ type }) => type === 'duration').map(({ name }) => name);
  for (const entry of source.entries(
    value,
    'reader',
    ['lifetime', 'renewal', 'renews', 'undecodable', 'requires'],
    key,
  )) {
    const owner = `reader.${entry.name}`;
    if (entry.name === 'renews') {
      part.renewsOnRead = source.choice(entry.value, owner, ['by a read', 'by a save'], entry.key) === 'by a read';
      continue;
    }
    const text = source.text(entry.value, owner, entry.key);
    if (text === null) continue;
    if (entry.name === 'undecodable' || entry.name === 'requires') part[entry.name] = text;
    else {
      if (entry.name === 'renewal') part.renewal = text;
      else part.lifetime = text;
      source.checked(entry.value, () => checkDuration(text, owner, durations));
    }
  }
  return part;
}

/** The `settings` of a template: where to set something, and the lines to write there. */
export function readSettings(
  { value, key }: Entry,
  parameters: readonly string[],
  source: YamlSource,
): [string, string][] {
  return source.entries(value, 'settings', null, key).flatMap((entry): [string, string][] => {
    const lines = source.text(entry.value, `settings for ${entry.name}`, entry.key);
    if (lines === null) return [];
    source.checked(entry.value, () => parsePieces(lines, [], parameters));
    return [[entry.name, lines.trimEnd()]];
  });
}
