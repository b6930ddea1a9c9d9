import { parseCharacterSet } from './character-set.js';
import { splitNamePattern } from './file-names.js';
import { parsePieces } from './placeholders.js';
import { isCount } from './read-parameters.js';
import {
  DIRECTORY_DIGESTS,
  type DirectoriesPart,
  type FilePart,
  type Parameter,
  TemplateFault,
  type TemplateRefusal,
} from './template.js';
import type { Entry, YamlSource } from './yaml-source.js';

const FILE_PARTS = [
  'name',
  'directories',
  'temporary',
  'skip',
  'encoded',
  'unpack',
  'written',
  'ages',
  'mtime',
  'mode',
  'owner',
];

/** Deeper stores are not known; a level costs a directory per character of the ids. */
export const MOST_LEVELS = 4;

/** The `file` of a template. */
export function readFilePart(
  { value, key }: Entry,
  parameters: readonly Parameter[],
  source: YamlSource,
): FilePart | null {
  const part: FilePart = {
    name: '',
    directories: null,
    temporary: [],
    skip: [],
    isUrlEncoded: false,
    unpack: null,
    isWrittenInPlace: true,
    refusesOldFiles: false,
    mtimeMeans: 'last request',
    mode: '0600',
    owner: null,
  };
  const names = parameters.map(({ name }) => name);
  for (const entry of source.entries(value, 'file', FILE_PARTS, key)) {
    const owner = `file.${entry.name}`;
    const text = () => source.text(entry.value, owner, entry.key) ?? '';
    const word = <Word extends string>(words: readonly Word[]) => source.choice(entry.value, owner, words, entry.key);
    if (entry.name === 'name') {
      part.name = text();
      if (part.name !== '') source.checked(entry.value, () => checkNamePattern(part.name, names));
    } else if (entry.name === 'directories') part.directories = readDirectories(entry, parameters, source);
    else if (entry.name === 'temporary' || entry.name === 'skip')
      part[entry.name] = readGlobs(entry, owner, names, source);
    else if (entry.name === 'encoded') part.isUrlEncoded = word(['url']) !== null;
    else if (entry.name === 'unpack') part.unpack = word(['zlib']);
    else if (entry.name === 'written') part.isWrittenInPlace = word(['in place', 'by rename']) !== 'by rename';
    else if (entry.name === 'ages') part.refusesOldFiles = word(['refused', 'accepted']) === 'refused';
    else if (entry.name === 'mtime') part.mtimeMeans = word(['last request', 'last save']) ?? 'last request';
    else if (entry.name === 'mode') {
      part.mode = text();
      if (!/^0?[0-7]{3}$/.test(part.mode)) source.complain(entry.value, 'file.mode is no octal mode: write it as 0600');
    } else if (entry.name === 'owner') {
      part.owner = text();
      if (!/^\d+$/.test(part.owner) && !isCount(part.owner, parameters)) {
        source.complain(entry.value ?? entry.key, 'file.owner is neither a uid nor a {parameter} of type count');
      }
    }
  }
  if (part.name === '')
    source.complain(key, 'file has no name: write the pattern of a file name, as in sess_{sid:php:22-256}');
  return part;
}

/** @throws {TemplateFault} */
function checkNamePattern(text: string, parameters: readonly string[]): void {
  const { before, set, after } = splitNamePattern(text);
  parsePieces(before, [], parameters);
  parseCharacterSet(set);
  parsePieces(after, [], parameters);
}

function readGlobs(entry: Entry, owner: string, parameters: readonly string[], source: YamlSource): string[] {
  const globs = source.texts(entry.value, owner, entry.key);
  for (const glob of globs) {
    source.checked(entry.value, () => parsePieces(glob, [], parameters));
    if (glob === '' || glob === '*') source.complain(entry.value, `${owner} would match every name`);
  }
  return globs;
}

function readDirectories({ value, key }: Entry, parameters: readonly Parameter[], source: YamlSource): DirectoriesPart {
  const part: DirectoriesPart = { levels: '', characters: 1, digest: null };
  for (const entry of source.entries(value, 'file.directories', ['levels', 'characters', 'digest'], key)) {
    const owner = `file.directories.${entry.name}`;
    if (entry.name === 'digest') {
      part.digest = source.choice(entry.value, owner, DIRECTORY_DIGESTS, entry.key);
      continue;
    }
    const text = source.text(entry.value, owner, entry.key) ?? '';
    if (entry.name === 'levels') {
      part.levels = text;
      source.checked(entry.value, () => checkLevels(text, parameters));
    } else {
      part.characters = Number(text);
      if (!/^[1-9]$/.test(text)) source.complain(entry.value, `${owner} is no number from 1 to 9`);
    }
  }
  if (part.levels === '')
    source.complain(key, 'file.directories has no levels: write how many directories lie above a file');
  // An adler32 has 32 bits.
  if (part.digest !== null && !(Number(part.levels) <= 2))
    source.complain(value ?? key, 'file.directories has more than the two levels of a digest');
  return part;
}

/** @throws {TemplateFault} */
function checkLevels(text: string, parameters: readonly Parameter[]): void {
  if (isCount(text, parameters) || (/^\d+$/.test(text) && Number(text) <= MOST_LEVELS)) return;
  throw new TemplateFault(
    `file.directories.levels is neither a number from 0 to ${MOST_LEVELS} nor a {parameter} of type count`,
  );
}

/** The `refuse` of a template. */
export function readRefusals(
  { value, key }: Entry,
  parameters: readonly string[],
  source: YamlSource,
): TemplateRefusal[] {
  return source.items(value, 'refuse', key).flatMap((item) => {
    const refusal: TemplateRefusal = { name: null, starts: null, because: '' };
    for (const entry of source.entries(item, 'an item of refuse', ['name', 'starts', 'because'], key)) {
      const text = source.text(entry.value, `refuse.${entry.name}`, entry.key);
      if (text === null) continue;
      if (entry.name === 'because') refusal.because = text;
      else refusal[entry.name as 'name' | 'starts'] = text;
      if (entry.name === 'name') source.checked(entry.value, () => checkNamePattern(text, parameters));
    }
    if ((refusal.name === null) === (refusal.starts === null)) {
      source.complain(item, 'an item of refuse has either a name or starts, and one of them');
    }
    if (refusal.because === '')
      source.complain(item, 'an item of refuse has no because: say why such a file is not moved');
    return refusal;
  });
}
