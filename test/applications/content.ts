import { readFileSync } from 'node:fs';
import { FORMATS, type FormatName } from '../../src/applications/formats/formats.js';
import { FoundMembers, KIND, MemberPaths } from '../../src/applications/formats/member-paths.js';
import { ContentFault } from '../../src/applications/formats/scanner.js';

/** What a scan of the bytes comes to: `whole`, or `torn` or `malformed` and why. */
export function verdictOf(
  format: FormatName,
  bytes: Uint8Array,
  found = new FoundMembers(new MemberPaths([])),
): string {
  found.forget();
  try {
    FORMATS[format].scanner().scan(bytes, 0, bytes.length, found);
    return 'whole';
  } catch (error) {
    if (!(error instanceof ContentFault)) throw error;
    return `${error.isTorn ? 'torn' : 'malformed'}: ${error.reason} at ${error.offset}`;
  }
}

/** What a scan finds at a path: its text where it has one, else its kind and number. */
export function foundAt(format: FormatName, bytes: Uint8Array, path: string): string | number | boolean {
  const found = new FoundMembers(new MemberPaths([path]));
  const inner = FORMATS[format].scanner().scan(bytes, 0, bytes.length, found);
  const kind = found.kinds[0] as number;
  if (kind === KIND.integer || kind === KIND.float) return found.numbers[0] as number;
  if (kind === KIND.text) return Buffer.from(inner.subarray(found.starts[0], found.ends[0])).toString();
  return kind === KIND.true ? true : kind === KIND.false ? false : (Object.keys(KIND)[kind] as string);
}

export interface Fixture {
  name: string;
  handler?: FormatName;
  file?: string;
  data?: Record<string, unknown>;
  /** When an entry of Rails' cache ends, seconds; null for never. */
  ends?: number | null;
  bytes: Buffer;
}

/** Sessions that the real writers made: fixtures/applications has the scripts. */
export function fixtures(name: 'php' | 'express' | 'django' | 'gob' | 'rails' | 'flask'): Fixture[] {
  const path = new URL(`../../fixtures/applications/${name}-sessions.json`, import.meta.url);
  const all = JSON.parse(readFileSync(path, 'utf8')) as (Omit<Fixture, 'bytes'> & { base64: string })[];
  return all.map(({ base64, ...fixture }) => ({ ...fixture, bytes: Buffer.from(base64, 'base64') }));
}

/** Bytes written as text, one character each. */
export const b = (text: string): Buffer => Buffer.from(text, 'latin1');
