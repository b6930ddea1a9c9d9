import { parseCharacterSet } from './character-set.js';
import { parseRule } from './expiry-rules.js';
import { splitNamePattern } from './file-names.js';
import type { FormatName } from './formats/formats.js';
import { encodeMade, MADE_FORMATS, type Made } from './made-content.js';
import { templateFormats } from './store-signs.js';
import type { Template, TemplateSettings } from './template.js';

/** What a made-up session is to be like, for a synthetic store, a rehearsal or a measurement. */
export interface SessionWish {
  /** Names of facts that it has; see {@link Template.facts}. */
  facts: readonly string[];
  /** The number of its user, where it is a login. */
  user: number;
  /** Text beside what the facts and the signs need. */
  filler: string;
  /** When it was saved, and when it ends where its content says so; epoch milliseconds. */
  savedMs: number;
  endsMs: number;
}

/** Ids of such a length are the usual ones, where an application allows many. */
const USUAL_LENGTHS = [32, 26, 40, 24];

/** Returns a function that makes ids as the application does, from random numbers in [0, 1). */
export function sidMaker({ file }: Template): (random: () => number) => string {
  const { allowed, lengths, maxLength } = parseCharacterSet(splitNamePattern(file.name).set);
  const characters = [...allowed.keys()].filter((code) => allowed[code] === 1);
  const length = USUAL_LENGTHS.find((usual) => lengths[usual] === 1) ?? maxLength;
  return (random) => {
    let sid = '';
    while (sid.length < length)
      sid += String.fromCharCode(characters[Math.floor(random() * characters.length)] as number);
    return sid;
  };
}

/** The bytes of a file that the application could have written. */
export function makeSession({ template, values }: TemplateSettings, wish: SessionWish): Buffer {
  const members: Record<string, Made> = {};
  for (const sign of template.signs.members) put(members, sign, {});
  for (const { name, members: paths } of template.facts) {
    if (!wish.facts.includes(name)) continue;
    put(members, (paths[0] as string).replaceAll('*', 'x'), name === 'login' ? wish.user : { item: 1 });
  }
  const head = putEnds(members, template, Object.keys(values), wish);
  if (wish.filler !== '') put(members, 'filler', wish.filler);
  return Buffer.concat([head, encodeMade(members, formatFor(template))]);
}

function formatFor(template: Template): FormatName {
  const format = templateFormats(template).find((name) => (MADE_FORMATS as readonly string[]).includes(name));
  if (format === undefined) throw new RangeError(`no session of ${template.name} can be made up`);
  // Of a choice of PHP's handlers the usual one.
  return templateFormats(template).includes('php') ? 'php' : format;
}

/** Sets the member at a path; what stands there already stays, unless it is empty. */
function put(members: Record<string, Made>, path: string, value: Made): void {
  const names = path.split('.');
  const last = names.pop() as string;
  let at = members;
  for (const name of names) {
    const next = at[name];
    const inner = typeof next === 'object' ? next : {};
    at[name] = inner;
    at = inner;
  }
  const before = at[last];
  const isEmpty = before === undefined || (typeof before === 'object' && Object.keys(before).length === 0);
  if (isEmpty) at[last] = value;
}

/** Writes down when the session ends, where the first rule looks for it; returns what stands before the session. */
function putEnds(
  members: Record<string, Made>,
  template: Template,
  parameters: readonly string[],
  wish: SessionWish,
): Buffer {
  const [rule = ''] = template.expires.rules;
  const [first, second] = parseRule(rule, parameters);
  if (first?.kind === 'member') {
    const atMs = second === undefined ? wish.endsMs : wish.savedMs;
    if (first.unit === 'iso') put(members, first.path, new Date(atMs).toISOString());
    else put(members, first.path, Math.floor(first.unit === 's' ? atMs / 1000 : atMs));
    if (second?.kind === 'member') {
      const lifeMs = wish.endsMs - wish.savedMs;
      put(members, second.path, Math.floor(second.unit === 's' ? lifeMs / 1000 : lifeMs));
    }
  }
  if (first?.kind !== 'stored') return Buffer.alloc(0);
  const isFloat = first.type === 'f64le';
  const head = Buffer.alloc(first.offset + (isFloat ? 8 : 4));
  Buffer.from(template.signs.starts[0] ?? '').copy(head);
  if (isFloat) head.writeDoubleLE(wish.endsMs / 1000, first.offset);
  else head.writeUInt32LE(Math.floor(wish.endsMs / 1000), first.offset);
  return head;
}
