import { parseDurationMs } from '../units.js';
import type { HashForm, ReaderRules, StoreRules } from './application.js';
import type { ExpiryRules } from './expiry-rules.js';
import type { FileNames } from './file-names.js';
import { type FormatName, isFormatName } from './formats/formats.js';
import type { Keys } from './keys.js';
import { fillText } from './placeholders.js';
import type { Template, TemplateSettings, ValuePart } from './template.js';
import type { Values } from './values.js';

/** What a template says of all files of its store. */
export function storeRulesOf(
  { template: { file }, values }: TemplateSettings,
  names: FileNames,
  expiry: ExpiryRules,
): StoreRules {
  return {
    levels: names.levels,
    hasShards: false,
    isWrittenInPlace: file.isWrittenInPlace,
    refusesOldFiles: file.refusesOldFiles,
    mtimeMeans: file.mtimeMeans,
    mode: Number.parseInt(file.mode, 8),
    ownerUid: ownerOf(file.owner, values),
    lifetimeMs: expiry.lifetimeMs,
    collectedAfterMs: expiry.isInContent ? Number.NaN : expiry.lifetimeMs,
  };
}

/** What a template says of all keys of its reader. */
export function readerRulesOf({ template, values }: TemplateSettings, value: Values, keys: Keys): ReaderRules {
  const { reader } = template;
  return {
    database: Number(fillText(template.database, values)),
    pool: template.pool,
    hash: hashOf(template.value, values),
    fields: value.fields,
    ownField: value.ownField,
    isVerbatim: value.isVerbatim && template.file.unpack === null,
    keyPattern: keys.pattern,
    showsSid: keys.showsSid,
    renewsOnRead: reader.renewsOnRead,
    onUndecodable: reader.undecodable,
    renewalMs: reader.renewsOnRead ? readerLifetime(reader.renewal ?? reader.lifetime, values) : 0,
    lifetimeMs: readerLifetime(reader.lifetime, values),
    settings: template.settings.map(([where, lines]) => [where, utf8(fillText(lines, values))]),
  };
}

/**
 * What `check` allows: names of formats, or the choice of a parameter, where `auto` stands for all its other choices.
 */
export function allowedFormats({ check, parameters }: Template, values: TemplateSettings['values']) {
  const [only = ''] = check;
  const parameter = parameters.find(({ name }) => only === `{${name}}`);
  if (parameter === undefined) return { allowed: check as readonly FormatName[], siblings: [] };
  const siblings = parameter.choices.filter(isFormatName).filter((name) => name !== 'none');
  const chosen = String(values[parameter.name]);
  return { allowed: isFormatName(chosen) ? [chosen] : siblings, siblings };
}

function ownerOf(owner: string | null, values: TemplateSettings['values']): number | null {
  const text = owner === null ? '' : fillText(owner, values);
  return text === '' ? null : Number(text);
}

function readerLifetime(text: string | null, values: TemplateSettings['values']): number {
  const parameter = /^\{([a-z][a-z0-9-]*)\}$/.exec(text ?? '')?.[1];
  if (parameter !== undefined) return Number(values[parameter]);
  return text === null ? Number.NaN : parseDurationMs(text);
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString();
}

/** Null for strings, and for hashes of which a further field depends on the session. */
function hashOf(value: ValuePart, values: TemplateSettings['values']): HashForm | null {
  if (value.kind !== 'fields') return null;
  const others = value.fields.filter(([name]) => name !== value.own);
  if (others.some(([, text]) => /\{(bytes|length)\}/.test(text))) return null;
  return { own: value.own, others: others.flatMap(([name, text]) => [name, fillText(text, values)]) };
}
