import type { PoolOrder } from './server-pool.js';

/**
 * A template: an application as the declarative file says it, checked, as plain data. Texts with placeholders stay as
 * they are written; each thread compiles them. docs/templates.md has the grammar.
 */
export interface Template {
  name: string;
  title: string;
  /** Where the contract was read: repositories and paths. */
  source: string;
  /** What the operator has to know before a run, a sentence; else empty. */
  note: string;
  parameters: readonly Parameter[];
  file: FilePart;
  key: string;
  database: string;
  /** How several servers share the sessions; null where they don't. */
  pool: PoolOrder | null;
  value: ValuePart;
  expires: ExpiresPart;
  /** Names of formats, or one `{parameter}` whose choices are such names and `auto`. */
  check: readonly string[];
  /** Endings, or patterns with `*`, of keys that are locks. */
  ignore: readonly string[];
  refuse: readonly TemplateRefusal[];
  /** By name, the members of which one has to be true; `login` is the one whose value is the user. */
  facts: readonly Fact[];
  signs: Signs;
  reader: ReaderPart;
  settings: readonly (readonly [where: string, lines: string])[];
}

export const PARAMETER_TYPES = ['text', 'duration', 'count', 'choice'] as const;
type ParameterType = (typeof PARAMETER_TYPES)[number];

/** A value that differs from shop to shop, given by the option of the same name. */
export interface Parameter {
  name: string;
  type: ParameterType;
  /** As an operator would write it; null where one has to be given. */
  default: string | null;
  choices: readonly string[];
  help: string;
}

/** `adler32`: as in Rails' FileStore, twelve bits of it a level, the lowest first, in three hexadecimal digits. */
export const DIRECTORY_DIGESTS = ['adler32'] as const;

export interface FilePart {
  name: string;
  directories: DirectoriesPart | null;
  temporary: readonly string[];
  skip: readonly string[];
  /** Whether names are URL-encoded. */
  isUrlEncoded: boolean;
  /** How the content has to be unpacked before it is what the reader wants. */
  unpack: 'zlib' | null;
  isWrittenInPlace: boolean;
  refusesOldFiles: boolean;
  mtimeMeans: 'last request' | 'last save';
  mode: string;
  owner: string | null;
}

/** `levels` directories, each named after the next `characters` of the id, or after a digest of the file's name. */
export interface DirectoriesPart {
  levels: string;
  characters: number;
  digest: (typeof DIRECTORY_DIGESTS)[number] | null;
}

export type ValuePart =
  | { kind: 'text'; text: string }
  | { kind: 'bytes'; from: number }
  | { kind: 'fields'; fields: readonly (readonly [name: string, text: string])[]; own: string; packed: 'cm' | null }
  | { kind: 'convert'; converter: string };

export interface ExpiresPart {
  /** The first that applies counts. */
  rules: readonly string[];
  min: string | null;
  max: string | null;
}

/** What can't be moved, by its name or its first bytes, and the sentence that says why. */
export interface TemplateRefusal {
  name: string | null;
  starts: string | null;
  because: string;
}

export interface Fact {
  name: string;
  members: readonly string[];
}

/** By what a store is recognised, besides names and formats. */
export interface Signs {
  /** Members of which any tells this application. */
  members: readonly string[];
  /** First bytes of which any tells this application. */
  starts: readonly string[];
  /** Files that lie in every such store. */
  names: readonly string[];
}

export interface ReaderPart {
  lifetime: string | null;
  /** How long a read lets a session live at most; null where as long as its lifetime. */
  renewal: string | null;
  renewsOnRead: boolean;
  undecodable: string;
  /**
   * What has to hold of the reader, which no file shows: then a directory that is recognised is not moved before
   * `--app` names the application. Else empty.
   */
  requires: string;
}

/** Which of the sessions move. */
export interface Selection {
  /** `skip`: sessions without a login stay behind, where a login can be told. */
  anonymous: 'keep' | 'skip';
  /** Sessions last saved longer ago stay behind, milliseconds; Infinity for no bound. */
  maxAgeMs: number;
  /** How long sessions over their age live on in Redis, milliseconds; 0 leaves them behind. */
  graceMs: number;
}

export const EVERY_SESSION: Selection = { anonymous: 'keep', maxAgeMs: Number.POSITIVE_INFINITY, graceMs: 0 };

/** A template and the values of its parameters: all that it takes to make the application in another thread. */
export interface TemplateSettings {
  template: Template;
  /** Absent: every session. */
  selection?: Selection;
  /** Members that only other applications write whose files are named alike: see `strangersOf`. */
  strangers?: readonly string[];
  /** By parameter: text, milliseconds or a number. */
  values: Readonly<Record<string, ParameterValue>>;
}

export type ParameterValue = string | number;

/** A text of a template that does not follow the grammar: a sentence without its end, to go behind the place. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
}
