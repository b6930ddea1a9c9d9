import { parseDurationMs } from '../units.js';
import { type FoundMembers, KIND } from './formats/member-paths.js';
import { type ExpiresPart, type ParameterValue, TemplateFault } from './template.js';

/** A part of a sum: a point in time, or a duration. */
type Term =
  | { kind: 'mtime' }
  | { kind: 'duration'; ms: number }
  | { kind: 'parameter'; name: string }
  | { kind: 'member'; unit: 'ms' | 's' | 'iso'; path: string }
  | { kind: 'stored'; type: 'u32le' | 'f64le'; offset: number };

const CALL = /^([a-z0-9]+)\((.*)\)$/;
const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;
const LONGEST_ISO = 40;

/** What a session says of itself beyond this is taken for this; what an operator says is refused. */
export const LONGEST_LIFETIME_MS = 36_525 * 86_400_000;
export const BEYOND_LIFETIMES = 'longer than 100 years, which no session lives: write 36525d at most';

/**
 * Takes a sum such as `mtime + {lifetime}` or `ms(__lastAccess) + ms(cookie.originalMaxAge)` apart: a point in time,
 * then durations.
 * @param parameters that are durations
 * @throws {TemplateFault}
 */
export function parseRule(text: string, parameters: readonly string[]): Term[] {
  const terms = text.split('+').map((part) => parseTerm(part.trim(), parameters));
  const [first, ...others] = terms;
  if (first === undefined || first.kind === 'duration' || first.kind === 'parameter') {
    throw new TemplateFault(`"${text}" starts with a duration: start with a point in time, such as mtime`);
  }
  const second = others.find(({ kind }) => kind !== 'duration' && kind !== 'parameter' && kind !== 'member');
  if (second !== undefined || others.some((term) => term.kind === 'member' && term.unit === 'iso')) {
    throw new TemplateFault(`"${text}" adds two points in time: only durations may follow the first`);
  }
  return terms;
}

function parseTerm(text: string, parameters: readonly string[]): Term {
  if (text === 'mtime') return { kind: text };
  if (text === 'never') throw new TemplateFault('a copy without an end is not written: write mtime + 365d or the like');
  const parameter = /^\{([a-z][a-z0-9-]*)\}$/.exec(text)?.[1];
  if (parameter !== undefined) {
    if (parameters.includes(parameter)) return { kind: 'parameter', name: parameter };
    throw new TemplateFault(`{${parameter}} is no parameter of type duration`);
  }
  const ms = parseDurationMs(text);
  if (ms > LONGEST_LIFETIME_MS) throw new TemplateFault(`"${text}" is ${BEYOND_LIFETIMES}`);
  if (!Number.isNaN(ms)) return { kind: 'duration', ms };
  if (/^\d/.test(text)) throw new TemplateFault(`"${text}" has no unit: write ${text.replace(/\D.*/, '')}s, m, h or d`);
  const [, name = '', argument = ''] = CALL.exec(text) ?? [];
  if (name === 'ms' || name === 's' || name === 'iso') {
    if (argument === '') throw new TemplateFault(`${name}() names no member of the session`);
    return { kind: 'member', unit: name, path: argument };
  }
  if (name === 'u32le' || name === 'f64le') {
    if (!/^\d{1,5}$/.test(argument)) throw new TemplateFault(`${name}(${argument}) names no byte of the file`);
    return { kind: 'stored', type: name, offset: Number(argument) };
  }
  throw new TemplateFault(
    `"${text}" is nothing that a time is made of: write mtime, a duration, {parameter}, ms(member), s(member), iso(member), u32le(byte) or f64le(byte)`,
  );
}

/** The members that rules look at. */
function membersOf(rules: readonly Term[][]): string[] {
  return rules.flat().flatMap((term) => (term.kind === 'member' ? [term.path] : []));
}

/** Whether a rule applies to every file: none of its parts stands in the content. */
export function isOfMtime([first, ...others]: readonly Term[]): boolean {
  return first?.kind === 'mtime' && others.every(({ kind }) => kind !== 'member');
}

/** When sessions end, compiled. */
export class ExpiryRules {
  /** What files live where their content says nothing else; NaN where no rule is of the mtime alone. */
  readonly lifetimeMs: number;
  /** Whether the content of a file may say otherwise. */
  readonly isInContent: boolean;
  readonly members: readonly string[];
  readonly #rules: readonly Term[][];
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #values: Readonly<Record<string, ParameterValue>>;

  constructor(part: ExpiresPart, values: Readonly<Record<string, ParameterValue>>) {
    this.#values = values;
    this.#rules = part.rules.map((rule) => parseRule(rule, Object.keys(values)));
    this.members = membersOf([...this.#rules]);
    this.#minMs = boundOf(part.min, 0, values);
    this.#maxMs = boundOf(part.max, LONGEST_LIFETIME_MS, values);
    const plain = this.#rules.find(isOfMtime);
    this.isInContent = this.#rules[0] !== plain;
    this.lifetimeMs = plain === undefined ? Number.NaN : this.#bounded(this.#durations(plain, null, EMPTY));
  }

  /**
   * Absolute, in milliseconds.
   * @param found in `content`, of which the members are
   * @param bytes the file itself, from `start` to `end`
   */
  expiryMs(
    mtimeMs: number,
    nowMs: number,
    found: FoundMembers,
    content: Uint8Array,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): number {
    const savedMs = Math.min(mtimeMs, nowMs);
    for (let i = 0; i < this.#rules.length; i++) {
      const rule = this.#rules[i] as Term[];
      const point = pointOf(rule[0] as Term, savedMs, found, content, bytes, start, end);
      const expiry = point + this.#durations(rule, found, content);
      if (!Number.isNaN(expiry)) return savedMs + this.#bounded(expiry - savedMs);
    }
    return savedMs + this.#minMs;
  }

  /** The mtime that makes a file end at `expiryMs`; NaN where the end does not depend on it. */
  mtimeMsFor(expiryMs: number, found: FoundMembers, content: Uint8Array): number {
    for (const rule of this.#rules) {
      const [first] = rule;
      const lifetime = this.#durations(rule, found, content);
      if (Number.isNaN(lifetime)) continue;
      if (first?.kind === 'mtime') return expiryMs - this.#bounded(lifetime);
      if (first?.kind === 'member' && Number.isNaN(memberMs(first, found, content))) continue;
      return Number.NaN;
    }
    return Number.NaN;
  }

  #bounded(lifetimeMs: number): number {
    return Math.min(Math.max(lifetimeMs, this.#minMs), this.#maxMs);
  }

  /** The sum of all but the first; NaN where a member of it is missing. */
  #durations(rule: readonly Term[], found: FoundMembers | null, content: Uint8Array): number {
    let sum = 0;
    for (let i = 1; i < rule.length; i++) {
      const term = rule[i] as Term;
      if (term.kind === 'duration') sum += term.ms;
      else if (term.kind === 'parameter') sum += Number(this.#values[term.name]);
      else if (term.kind === 'member') sum += found === null ? Number.NaN : memberMs(term, found, content);
    }
    return sum;
  }
}

const EMPTY = new Uint8Array(0);

function boundOf(text: string | null, otherwise: number, values: Readonly<Record<string, ParameterValue>>): number {
  if (text === null) return otherwise;
  const term = parseTerm(text, Object.keys(values));
  return term.kind === 'duration' ? term.ms : term.kind === 'parameter' ? Number(values[term.name]) : otherwise;
}

function pointOf(
  term: Term,
  savedMs: number,
  found: FoundMembers,
  content: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  if (term.kind === 'mtime') return savedMs;
  if (term.kind === 'member') return memberMs(term, found, content);
  if (term.kind !== 'stored') return Number.NaN;
  const width = term.type === 'u32le' ? 4 : 8;
  const at = start + term.offset;
  if (at + width > end) return Number.NaN;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, width);
  const seconds = term.type === 'f64le' ? view.getFloat64(0, true) : view.getUint32(0, true);
  // Zero, or less, stands for no end (pallets-eco/cachelib src/cachelib/file.py).
  return seconds > 0 ? seconds * 1000 : Number.NaN;
}

/** A member in milliseconds; NaN where it is absent, zero, or holds nothing of the kind. */
function memberMs(
  { unit, path }: { unit: 'ms' | 's' | 'iso'; path: string },
  found: FoundMembers,
  content: Uint8Array,
): number {
  const target = found.paths.targetOf(path);
  const kind = found.kinds[target];
  if (kind === KIND.integer || kind === KIND.float) {
    const number = found.numbers[target] as number;
    return unit === 'iso' || number === 0 ? Number.NaN : number * (unit === 's' ? 1000 : 1);
  }
  if (kind !== KIND.text) return Number.NaN;
  const start = found.starts[target] as number;
  const length = (found.ends[target] as number) - start;
  if (length === 0 || length > LONGEST_ISO) return Number.NaN;
  const text = Buffer.from(content.buffer, content.byteOffset + start, length).toString('latin1');
  if (unit === 'iso') return ISO.test(text) ? Date.parse(text) : Number.NaN;
  if (!/^\d+(?:\.\d+)?$/.test(text) || Number(text) === 0) return Number.NaN;
  return Number(text) * (unit === 's' ? 1000 : 1);
}
