import { TemplateFault } from './template.js';

/** Which bytes an id or a name may have, and how many of them. */
export interface CharacterSet {
  /** 1 for every byte that is allowed. */
  readonly allowed: Uint8Array;
  readonly minLength: number;
  readonly maxLength: number;
  /** By length: 1 where it is allowed. */
  readonly lengths: Uint8Array;
}

/** The longest name that file systems take is 255 bytes. */
const LONGEST = 255;

const NAMED: Readonly<Record<string, string>> = {
  hex: '0-9a-f',
  alnum: 'A-Za-z0-9',
  urlsafe: 'A-Za-z0-9_-',
  php: 'A-Za-z0-9,-',
  any: '!-~',
};

/**
 * `hex:40`, `A-Za-z0-9,-:22-256` or `hex:32|40`: characters, ranges with a minus between (a minus of its own goes
 * last), or one of the names hex, alnum, urlsafe, php, any; a colon; lengths.
 * @throws {TemplateFault}
 */
export function parseCharacterSet(text: string): CharacterSet {
  const colon = text.lastIndexOf(':');
  if (colon <= 0)
    throw new TemplateFault(`"${text}" has no characters and lengths: write them as hex:40 or A-Za-z0-9:22-64`);
  const allowed = parseCharacters(text.slice(0, colon));
  const lengths = parseLengths(text.slice(colon + 1));
  return { allowed, lengths, minLength: lengths.indexOf(1), maxLength: lengths.lastIndexOf(1) };
}

function parseCharacters(text: string): Uint8Array {
  const characters = NAMED[text] ?? text;
  const allowed = new Uint8Array(256);
  for (let i = 0; i < characters.length; i++) {
    const from = characters.charCodeAt(i);
    const isRange = characters[i + 1] === '-' && i + 2 < characters.length;
    const to = isRange ? characters.charCodeAt(i + 2) : from;
    if (from > 0x7e || to > 0x7e || from < 0x21 || characters[i] === '/') {
      throw new TemplateFault(`"${text}" names a character that no id has: use visible ASCII other than /`);
    }
    if (to < from) throw new TemplateFault(`"${text}" has a range that runs backwards`);
    allowed.fill(1, from, to + 1);
    if (isRange) i += 2;
  }
  allowed[0x2f] = 0;
  return allowed;
}

function parseLengths(text: string): Uint8Array {
  const lengths = new Uint8Array(LONGEST + 2);
  for (const part of text.split('|')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part);
    if (match === null) throw new TemplateFault(`"${text}" is no length: write 32, 22-256 or 32|40`);
    const from = Number(match[1]);
    // PHP says 256 where no file system takes more than 255.
    const to = Math.min(Number(match[2] ?? from), LONGEST);
    if (from < 1 || to < from) throw new TemplateFault(`"${text}" is no length: it runs from ${from} to ${to}`);
    lengths.fill(1, from, to + 1);
  }
  return lengths;
}

/** Whether `text[start, end)` is made of these characters, in one of these lengths. */
export function isOfSet(set: CharacterSet, text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length < set.minLength || length > set.maxLength || set.lengths[length] !== 1) return false;
  const { allowed } = set;
  for (let at = start; at < end; at++) if (allowed[text.charCodeAt(at)] !== 1) return false;
  return true;
}
