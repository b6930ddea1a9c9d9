import { usualText } from './bind-template.js';
import { parseCharacterSet } from './character-set.js';
import { splitNamePattern } from './file-names.js';
import { parseKey } from './keys.js';
import { bytewise } from './placeholders.js';
import type { Template } from './template.js';

/** What a key says of the values under which an application was set up. */
export interface KeyReading {
  sid: string;
  /** By parameter, as the key has them. */
  values: Readonly<Record<string, string>>;
}

/** A prefix of the client before one of the store: every skeleton of Laravel ends the former so. */
const CLIENT_PREFIX = '(.*?database[_-]|)';

/** Keys longer than any session's are not looked at. */
const LONGEST_KEY = 512;

/** Finds out the values of a template's parameters from keys that are there. `keys.ts` makes keys of known values. */
export class KeyPattern {
  /** Null where the key has a digest of the id, which shows neither. */
  readonly #expression: RegExp | null;
  /** What each group of the expression holds: a parameter, or null for the id. */
  readonly #groups: (string | null)[] = [];

  /** The parameter that stands right before the id; null where a literal does. */
  readonly parameterBeforeSid: string | null;
  readonly #usual: string | null;
  readonly #sid: RegExp;

  constructor(readonly template: Template) {
    const names = template.parameters.map(({ name }) => name);
    const pieces = parseKey(template.key, names);
    const parts = pieces.map((piece, i) => {
      if (piece.kind === 'literal') return escapeExpression(bytewise(piece.text));
      this.#groups.push(piece.kind === 'parameter' ? piece.name : null);
      if (piece.kind === 'sid') return sidPart(template);
      return pieces[i + 1]?.kind === 'parameter' ? CLIENT_PREFIX : '(.*?)';
    });
    const sid = this.#groups.indexOf(null);
    const before = pieces[pieces.findIndex(({ kind }) => kind === 'sid') - 1];
    this.parameterBeforeSid = before?.kind === 'parameter' && sid > 0 ? before.name : null;
    this.#usual = usualText(template, this.parameterBeforeSid ?? '', {});
    this.#sid = new RegExp(`^${sidPart(template)}$`);
    const isDigest = pieces.some(({ kind }) => kind === 'md5');
    this.#expression = isDigest ? null : new RegExp(`^${parts.join('')}$`, 's');
  }

  /** Null for a key that the template's reader never looks for. */
  read(key: string): KeyReading | null {
    if (this.#expression === null || key.length > LONGEST_KEY) return null;
    const match = this.#expression.exec(key);
    if (match === null) return null;
    const reading = { sid: '', values: {} as Record<string, string> };
    for (const [i, name] of this.#groups.entries()) {
      const text = match[i + 1] as string;
      if (name === null) reading.sid = text;
      else if (Object.hasOwn(reading.values, name) && reading.values[name] !== text) return null;
      else reading.values[name] = text;
    }
    return this.#asUsual(reading);
  }
  /** A prefix that ends in characters of an id goes over to the id: not where it is the usual one. */
  #asUsual(reading: { sid: string; values: Record<string, string> }): KeyReading {
    const name = this.parameterBeforeSid;
    if (name === null || this.#usual === null) return reading;
    const text = (reading.values[name] ?? '') + reading.sid;
    const sid = text.slice(this.#usual.length);
    if (!text.startsWith(this.#usual) || !this.#sid.test(sid)) return reading;
    return { sid, values: { ...reading.values, [name]: this.#usual } };
  }
}

/** The id as the names of files have it. */
function sidPart({ file }: Template): string {
  const { allowed, lengths } = parseCharacterSet(splitNamePattern(file.name).set);
  const characters = [...allowed.keys()].filter((code) => allowed[code] === 1);
  const set = characters.map((code) => `\\x${code.toString(16).padStart(2, '0')}`).join('');
  const runs = [...lengths.keys()].filter((length) => lengths[length] === 1);
  const isRange = runs.length > 1 && (runs.at(-1) as number) - (runs[0] as number) === runs.length - 1;
  const counts = isRange ? [`${Math.max(runs[0] as number, LEAST_SID)},${runs.at(-1)}`] : runs;
  return `(${counts.map((count) => `[${set}]{${count}}`).join('|')})`;
}

/** PHP takes ids of one character; among keys of others such a one would be found everywhere. */
const LEAST_SID = 16;

function escapeExpression(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&');
}
