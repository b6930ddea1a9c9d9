import fs, { constants } from 'node:fs';
import { OWN_CODE } from '../applications/built-in-names.js';
import { whyNotOwnCode } from '../applications/reader-of.js';
import { recogniseStore, type SampledFile, type StoreFinding } from '../applications/recognise-store.js';
import { STORE_MARKS } from '../applications/store-marks.js';
import type { Template } from '../applications/template.js';
import { EXIT, OperatorError } from '../errors.js';
import { shellWord } from '../masking.js';
import { PASSES } from '../option-entry.js';
import { applicationWord, isSwitchedOn, typedValue } from '../options/application.js';
import { findSources } from '../source/sources.js';
import { Listing, mayBeFile } from '../source/store-root.js';
import { userName } from '../system/accounts.js';
import { closeQuietly, realFileSystem } from '../system/file-system.js';
import { formatCount } from '../units.js';
import { plainWords } from './command.js';

/** A command line for the application that its directories were taken for, where it names none. */
export interface RecognisedLine {
  /** The line with the options that say so. */
  words: readonly string[];
  /** By what it was recognised, and how sure that is, for people. */
  because: string;
}

/** Bounds of a look that takes some 50 ms whatever the size of the store. */
const MOST_FILES = 200;
const MOST_NAMES = 2_000;
const MOST_DEPTH = 3;
const HEAD_BYTES = 4096;

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Words that ask about the program and not about files. */
const NO_RUN = ['--help', '-h', '--version', '--print-config'];

/**
 * Looks whose sessions are in the directories of a line that names no application. Null where they are those of the
 * application without a template, or nothing is recognised: then the command has its own word on them.
 * @throws {OperatorError} where they are of several applications, or not surely enough of one for what is to be done
 */
export async function recognisedLine(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<RecognisedLine | null> {
  const [command, ...patterns] = plainWords(words);
  if (!PASSES.some((name) => name === command) || words.some((word) => NO_RUN.includes(word))) return null;
  const asked = await applicationWord(words, environment);
  if (asked !== undefined && asked !== '' && asked !== 'auto') return null;
  const strange = new Set<string>();
  const tell = (directory: string) => {
    if (whyNotOwnCode(directory) !== null) strange.add(directory);
    return null;
  };
  // What is no directory at all, the command tells.
  const found = patterns.map((pattern) => findSources([pattern], () => {}, tell).catch(() => []));
  const directories = (await Promise.all(found)).flat();
  if (strange.size === 0) return null;
  const { builtInNames, builtInTemplate } = await import('../applications/built-in.js');
  const templates = builtInNames().map(builtInTemplate);
  const looks = directories
    .map((directory) => {
      const known = recogniseStore(sampleFiles(directory), templates).filter(
        ({ application }) => application !== '' && (application !== OWN_CODE.name || !strange.has(directory)),
      );
      return { directory, known };
    })
    // An empty directory goes with the others.
    .filter(({ directory, known }) => known.length > 0 || strange.has(directory));
  const finding = looks.find(({ directory }) => strange.has(directory))?.known[0];
  if (finding === undefined || looks.some(({ known }) => known.length === 0)) return null;
  const isOne = looks.every(({ known }) => known.length === 1 && isLike(known[0] as StoreFinding, finding));
  if (!isOne) throw new OperatorError(EXIT.usage, looks.map(mixtureOf).join('; '));
  const mark = STORE_MARKS.find(({ name }) => name === finding.application);
  const where = looks.map(({ directory }) => directory).join(', ');
  if (mark !== undefined) {
    throw new OperatorError(EXIT.refused, `${where} holds sessions of ${mark.title}: ${mark.advice}`);
  }
  const template = templates.find(({ name }) => name === finding.application) as Template;
  if (!isSureEnough(finding, template, writes(command, words, environment))) {
    throw new OperatorError(EXIT.usage, doubtAbout(where, finding, template));
  }
  const values = Object.entries(finding.values).filter(([name]) => typedValue(words, name) === undefined);
  const options = ['--app', finding.application, ...values.flatMap(([name, value]) => [`--${name}`, value])];
  const because = `recognised by ${finding.because}: ${finding.certainty}`;
  return { words: [...options, ...withoutAuto(words)], because };
}

function isLike(one: StoreFinding, other: StoreFinding): boolean {
  return one.application === other.application && JSON.stringify(one.values) === JSON.stringify(other.values);
}

function writes(command: string | undefined, words: readonly string[], environment: NodeJS.ProcessEnv): boolean {
  return command !== 'audit' && !isSwitchedOn(words, 'dry-run', environment);
}

/** What writes goes on only if there is one reader to write for, and nothing to be known of it that no file shows. */
function isSureEnough({ certainty, alternatives }: StoreFinding, { reader }: Template, isWriting: boolean): boolean {
  if (!isWriting) return certainty !== 'unsure';
  return certainty === 'sure' && alternatives.length === 0 && reader.requires === '';
}

function doubtAbout(where: string, finding: StoreFinding, { reader }: Template): string {
  const { application, alternatives, certainty, because, values } = finding;
  const others = alternatives.length === 0 ? '' : `, or one of ${alternatives.join(', ')}`;
  const options = Object.entries(values).map(([name, value]) => ` --${name} ${shellWord(value)}`);
  const needs = reader.requires === '' ? '' : `, whose reader needs ${reader.requires}`;
  return (
    `${where} holds sessions of ${application}${others} (${certainty}: ${because})${needs}: ` +
    `say --app ${application}${options.join('')}`
  );
}

function mixtureOf({ directory, known }: { directory: string; known: readonly StoreFinding[] }): string {
  const words = known.map(({ application, ownerUid, count, certainty }) => {
    const files = `${formatCount(count)} ${count === 1 ? 'file' : 'files'} of ${application}`;
    return `${files}${ownerUid === null ? '' : ` and user ${ownerUid} (${userName(ownerUid)})`}, ${certainty}`;
  });
  const [one] = known;
  const isOne = known.every((finding) => one !== undefined && isLike(finding, one));
  if (isOne && known.length < 2) return `${directory} holds ${words.join('')}: give it a run of its own`;
  const what = isOne ? 'of several users' : 'of several applications';
  return `${directory} holds sessions ${what} (${words.join('; ')}): say by --app whose are to be moved, and by --owner which user's alone`;
}

/** Without an `--app auto`, which the recognised one takes the place of. */
function withoutAuto(words: readonly string[]): string[] {
  const isAuto = (word: string | undefined, i: number) =>
    word === '--app=auto' || word === '--app=' || (word === '--app' && words[i + 1] === 'auto');
  return words.filter((word, i) => !isAuto(word, i) && !(word === 'auto' && isAuto(words[i - 1], i - 1)));
}

/** Some files of a directory and of those in it, with their first bytes. What can't be read is left out. */
function sampleFiles(root: string): SampledFile[] {
  const samples: SampledFile[] = [];
  let names = 0;
  const look = (directory: string, depth: number): void => {
    const inner: string[] = [];
    let listing: Listing | null = null;
    try {
      listing = new Listing(realFileSystem, directory === '' ? root : `${root}/${directory}`, 128);
      while (samples.length < MOST_FILES && names < MOST_NAMES && listing.next()) {
        names++;
        const path = directory === '' ? listing.name : `${directory}/${listing.name}`;
        if (listing.type === 'directory') inner.push(path);
        else if (mayBeFile(listing)) addTo(samples, root, path);
      }
    } catch {
      // Whoever lists it in earnest says what is wrong with it.
    } finally {
      listing?.close();
    }
    if (depth < MOST_DEPTH) for (const path of inner) look(path, depth + 1);
  };
  look('', 0);
  return samples;
}

function addTo(samples: SampledFile[], root: string, path: string): void {
  let fd = -1;
  try {
    fd = fs.openSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]), OPEN_FLAGS);
    const stats = fs.fstatSync(fd);
    if (!stats.isFile()) return;
    const head = Buffer.alloc(HEAD_BYTES);
    const length = fs.readSync(fd, head, 0, HEAD_BYTES, 0);
    samples.push({ path, ownerUid: stats.uid, head: head.subarray(0, length) });
  } catch {
    // As good as not there.
  } finally {
    if (fd >= 0) closeQuietly(realFileSystem, fd);
  }
}
