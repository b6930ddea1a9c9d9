import { ByteSink } from '../python/sink.js';
import { bindTemplate, usualText } from './bind-template.js';
import { FORMATS } from './formats/formats.js';
import { FoundMembers, MemberPaths } from './formats/member-paths.js';
import { ContentFault } from './formats/scanner.js';
import { KeyPattern } from './key-patterns.js';
import { Strength, signStrength } from './store-signs.js';
import type { Template } from './template.js';
import { type TemplatedApplication, templatedApplication } from './templated.js';

/** A live key of a server, as a look at it found it. */
export interface LiveKey {
  /** One character per byte. */
  key: string;
  /** The bytes of a string, or the fields of a hash. */
  value: Uint8Array | ReadonlyMap<string, Uint8Array>;
}

/** An application whose reader finds some of the keys, and the values that it must have for that. */
export interface KeyMatch {
  application: string;
  values: Readonly<Record<string, string>>;
  count: number;
  /** Whether its sessions have signs of the application, beside keys and a form of value that fit. */
  hasSigns: boolean;
}

/** Room for one decoded session. */
const MOST_SESSION_BYTES = 16 * 1024 * 1024;

/** Ids of so many keys that begin alike are no accident: it is the end of a prefix. */
const ENOUGH_KEYS = 3;

interface Tried {
  finding: KeyMatch;
  pattern: KeyPattern;
  sids: string[];
  application: TemplatedApplication;
  /** Among equals: the fewer values differ from the defaults, the likelier. */
  changed: number;
  rank: number;
}

/**
 * Finds the applications that live keys belong to, and the values that nobody should guess: Laravel's two prefixes, the
 * name of a cookie in CodeIgniter's keys. A key counts for a template if its value is one that the template's reader
 * decodes. Each key counts for the likeliest template alone.
 * @param templates the likeliest first
 */
export function matchKeys(keys: readonly LiveKey[], templates: readonly Template[]): KeyMatch[] {
  const patterns = templates.map((template) => new KeyPattern(template));
  const tried = new Map<string, Tried>();
  for (const live of keys) {
    const fitting = patterns.flatMap((pattern, rank) => attempt(pattern, rank, live, tried) ?? []);
    const best = fitting.sort(byLikelihood)[0];
    if (best === undefined) continue;
    best.tried.finding.count++;
    best.tried.sids.push(best.sid);
    if (best.hasSigns) best.tried.finding.hasSigns = true;
  }
  return [...tried.values()]
    .map(withWholePrefix)
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

/** What all ids have in common at their beginning belongs to the parameter before them. */
function withWholePrefix({ finding, pattern: { parameterBeforeSid: name }, sids }: Tried): KeyMatch {
  if (name === null || sids.length < ENOUGH_KEYS) return finding;
  let common = sids[0] as string;
  for (const sid of sids) while (!sid.startsWith(common)) common = common.slice(0, -1);
  if (common === '' || common.length === sids[0]?.length) return finding;
  return { ...finding, values: { ...finding.values, [name]: `${finding.values[name] ?? ''}${common}` } };
}

interface Fitting {
  tried: Tried;
  sid: string;
  hasSigns: boolean;
  strength: Strength;
}

function byLikelihood(a: Fitting, b: Fitting): number {
  return b.strength - a.strength || a.tried.changed - b.tried.changed || a.tried.rank - b.tried.rank;
}

function attempt(pattern: KeyPattern, rank: number, live: LiveKey, tried: Map<string, Tried>): Fitting | null {
  const reading = pattern.read(live.key);
  if (reading === null) return null;
  const { template } = pattern;
  const place = JSON.stringify([template.name, reading.values]);
  const known = tried.get(place) ?? made(pattern, reading.values, rank);
  if (known === null || known.application.isLock(live.key)) return null;
  const session = decoded(known.application, template, live.value);
  if (session === null) return null;
  const strength = isNamedInKey(template) ? Strength.sign : signStrength(template, session, new Set());
  const isByChance = known.changed > 0 || reading.sid.length === live.key.length;
  if (isByChance && strength < leastStrength(template)) return null;
  tried.set(place, known);
  return { tried: known, sid: reading.sid, hasSigns: strength === Strength.sign, strength };
}

/** Words of the key that no other application has tell it as well as members of its sessions do. */
function isNamedInKey({ key, name }: Template): boolean {
  const [word = ''] = name.split('-');
  return key.replace(/\{[^}]*\}/g, '').includes(word);
}

/**
 * What has to speak for a template whose parameters fit a key by chance: a prefix, or none, may be anybody's, and so
 * may a text in a text of PHP's. Where the value is the file itself, its format will do if the template knows no sign.
 */
function leastStrength({ value, signs }: Template): Strength {
  const isPlain = value.kind === 'bytes' && signs.members.length + signs.starts.length === 0;
  return isPlain ? Strength.format : Strength.sign;
}

/** The values with those that stand in the usual form of others, as the name of a cookie in the prefix of keys. */
function withInnerValues({ parameters }: Template, values: Readonly<Record<string, string>>): Record<string, string> {
  const inner: Record<string, string> = {};
  for (const { name, default: usual } of parameters) {
    const [, before = '', other = '', after = ''] = /^(.*)\{([a-z][a-z0-9-]*)\}(.*)$/.exec(usual ?? '') ?? [];
    const text = values[name];
    if (other === '' || text === undefined || text.length <= before.length + after.length) continue;
    if (!text.startsWith(before) || !text.endsWith(after)) continue;
    inner[other] = text.slice(before.length, text.length - after.length);
  }
  return { ...values, ...inner };
}

function made(pattern: KeyPattern, keyValues: Readonly<Record<string, string>>, rank: number): Tried | null {
  const { template } = pattern;
  const values = withInnerValues(template, keyValues);
  const { settings } = bindTemplate(template, { ...requiredElsewhere(template), ...values });
  if (settings === null) return null;
  const changed = template.parameters.filter(({ name }) => {
    return Object.hasOwn(values, name) && values[name] !== usualText(template, name, values);
  }).length;
  const finding = { application: template.name, values, count: 0, hasSigns: false };
  return { finding, pattern, sids: [], application: templatedApplication(settings), changed, rank };
}

/** Something for parameters that have to be given and do not stand in keys. */
function requiredElsewhere({ parameters }: Template): Record<string, string> {
  const needed = parameters.filter((parameter) => parameter.default === null);
  return Object.fromEntries(
    needed.map(({ name, type }) => [name, type === 'duration' ? '1s' : type === 'count' ? '0' : 'x']),
  );
}

/** The session's bytes in a value; null for a value that this reader does not have, or can't decode. */
function decoded(application: TemplatedApplication, template: Template, value: LiveKey['value']): Uint8Array | null {
  if (template.value.kind === 'convert') return value instanceof Uint8Array && isPickle(value) ? value : null;
  if (template.value.kind === 'bytes' && template.value.from > 0) {
    if (!(value instanceof Uint8Array)) return null;
    // What stood before the session in its file is not in the value.
    return whole(application, Buffer.concat([Buffer.alloc(template.value.from), value]));
  }
  const { fields, isVerbatim } = application.reader;
  if ((fields === null) !== value instanceof Uint8Array) return null;
  const sink = new ByteSink(1024, MOST_SESSION_BYTES);
  const parts = value instanceof Uint8Array ? [value] : (fields ?? []).map((field) => value.get(field) ?? null);
  if (!isVerbatim && application.decode(parts, sink) !== '') return null;
  return whole(application, isVerbatim ? (parts[0] as Uint8Array) : sink.view());
}

function isPickle(value: Uint8Array): boolean {
  try {
    FORMATS.pickle.scanner().scan(value, 0, value.length, new FoundMembers(new MemberPaths([])));
    return true;
  } catch (error) {
    if (!(error instanceof ContentFault)) throw error;
    return false;
  }
}

function whole(application: TemplatedApplication, bytes: Uint8Array): Uint8Array | null {
  application.inspect(Buffer.from(bytes), 0, bytes.length);
  return application.content.verdict === 'whole' ? bytes : null;
}
