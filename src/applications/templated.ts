import { foreignText } from '../masking.js';
import type { ByteSink } from '../python/sink.js';
import { parseDurationMs } from '../units.js';
import type { Application, Content, ReaderRules, RedisValue, StoreName, StoreRules } from './application.js';
import { ContentCheck } from './content-check.js';
import { ExpiryRules } from './expiry-rules.js';
import { FileNames } from './file-names.js';
import { type FormatName, isFormatName } from './formats/formats.js';
import { KIND, MemberPaths } from './formats/member-paths.js';
import { Keys } from './keys.js';
import { fillText } from './placeholders.js';
import type { ApplicationSettings, Template } from './template.js';
import { Values } from './values.js';

/** A user's name or number is shown up to so many bytes; what is longer is no name. */
const LONGEST_WHO = 64;

/**
 * Makes the application in this thread.
 * @param settings as `bindTemplate` makes them
 */
export function applicationOf(settings: ApplicationSettings): Application {
  return new TemplatedApplication(settings);
}

class TemplatedApplication implements Application {
  readonly name: string;
  readonly title: string;
  readonly store: StoreRules;
  readonly reader: ReaderRules;
  readonly factNames: readonly string[];
  readonly content: Content;
  readonly #names: FileNames;
  readonly #keys: Keys;
  readonly #values: Values;
  readonly #expiry: ExpiryRules;
  readonly #check: ContentCheck;
  /** By fact, where its members are noted. */
  readonly #factTargets: readonly (readonly number[])[];
  /** The file, as it is on the disk. */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  constructor({ template, values }: ApplicationSettings) {
    this.name = template.name;
    this.title = template.title;
    this.#names = new FileNames(template.file, template.refuse, values);
    this.#keys = new Keys(template.key, template.ignore, values);
    this.#values = new Values(template.value, values);
    this.#expiry = new ExpiryRules(template.expires, values);
    const paths = new MemberPaths([...template.facts.flatMap(({ members }) => members), ...this.#expiry.members]);
    this.#check = new ContentCheck(
      {
        ...allowedFormats(template, values),
        refuse: template.refuse,
        unpacksZlib: template.file.unpack === 'zlib',
        isWrittenInPlace: template.file.isWrittenInPlace,
        from: template.value.kind === 'bytes' ? template.value.from : 0,
      },
      paths,
    );
    this.content = this.#check.content;
    this.factNames = template.facts.map(({ name }) => name);
    this.#factTargets = template.facts.map(({ members }) => members.map((member) => paths.targetOf(member)));
    const { file, reader } = template;
    this.store = {
      levels: this.#names.levels,
      isWrittenInPlace: file.isWrittenInPlace,
      refusesOldFiles: file.refusesOldFiles,
      mtimeMeans: file.mtimeMeans,
      mode: Number.parseInt(file.mode, 8),
      ownerUid: ownerOf(file.owner, values),
      lifetimeMs: this.#expiry.lifetimeMs,
    };
    this.reader = {
      database: Number(fillText(template.database, values)),
      pool: template.pool,
      fields: this.#values.fields,
      ownField: this.#values.ownField,
      isVerbatim: this.#values.isVerbatim && file.unpack === null,
      keyPattern: this.#keys.pattern,
      showsSid: this.#keys.showsSid,
      renewsOnRead: reader.renewsOnRead,
      onUndecodable: reader.undecodable,
      lifetimeMs: readerLifetime(reader.lifetime, values),
      settings: template.settings.map(([where, lines]) => [where, utf8(fillText(lines, values))]),
    };
  }

  recognise(path: string, name: StoreName): void {
    this.#names.recognise(path, name);
  }

  entersDirectory(path: string): boolean {
    return this.#names.enters(path);
  }

  pathOf(sid: string): string | null {
    return this.#names.pathOf(sid);
  }

  inspect(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    const check = this.#check;
    check.inspect(bytes, start, end);
    if (check.content.verdict !== 'whole') return;
    let facts = 0;
    for (let i = 0; i < this.#factTargets.length; i++) if (this.#trueTarget(i) >= 0) facts |= 1 << i;
    check.content.facts = facts;
  }

  /** The first member of a fact that is true, or -1. */
  #trueTarget(fact: number): number {
    const targets = this.#factTargets[fact] as readonly number[];
    for (let i = 0; i < targets.length; i++) {
      const target = targets[i] as number;
      if (this.#check.found.isTrue(target)) return target;
    }
    return -1;
  }

  who(): string {
    const login = this.factNames.indexOf('login');
    const target = login < 0 ? -1 : this.#trueTarget(login);
    if (target < 0) return '';
    const { kinds, starts, ends, numbers } = this.#check.found;
    const kind = kinds[target];
    if (kind === KIND.integer) return String(numbers[target]);
    const start = starts[target] as number;
    const end = ends[target] as number;
    if (kind !== KIND.text || end - start > LONGEST_WHO) return '';
    return foreignText(Buffer.from(this.#check.inner.subarray(start, end)).toString(), LONGEST_WHO);
  }

  expiryMs(mtimeMs: number, nowMs: number): number {
    const { found, inner } = this.#check;
    return this.#expiry.expiryMs(mtimeMs, nowMs, found, inner, this.#bytes, this.#start, this.#end);
  }

  encode(value: RedisValue): void {
    const { bytes, start, end } = this.#check;
    this.#values.encode(bytes, start, end, value);
  }

  keyOf(sid: string): string {
    return this.#keys.keyOf(sid);
  }

  sidOf(key: string): string | null {
    if (this.#keys.isLock(key)) return null;
    const sid = this.#keys.sidOf(key);
    return sid !== null && this.#names.isSid(sid) ? sid : null;
  }

  isLock(key: string): boolean {
    return this.#keys.isLock(key);
  }

  decode(fields: readonly (Uint8Array | null)[], file: ByteSink): string {
    return this.#values.decode(fields, file);
  }

  mtimeMsFor(expiryMs: number): number {
    return this.#expiry.mtimeMsFor(expiryMs, this.#check.found, this.#check.inner);
  }
}

/**
 * What `check` allows: names of formats, or the choice of a parameter, where `auto` stands for all its other choices.
 */
function allowedFormats({ check, parameters }: Template, values: ApplicationSettings['values']) {
  const [only = ''] = check;
  const parameter = parameters.find(({ name }) => only === `{${name}}`);
  if (parameter === undefined) return { allowed: check as readonly FormatName[], siblings: [] };
  const siblings = parameter.choices.filter(isFormatName).filter((name) => name !== 'none');
  const chosen = String(values[parameter.name]);
  return { allowed: isFormatName(chosen) ? [chosen] : siblings, siblings };
}

function ownerOf(owner: string | null, values: ApplicationSettings['values']): number | null {
  const text = owner === null ? '' : fillText(owner, values);
  return text === '' ? null : Number(text);
}

function readerLifetime(text: string | null, values: ApplicationSettings['values']): number {
  const parameter = /^\{([a-z][a-z0-9-]*)\}$/.exec(text ?? '')?.[1];
  if (parameter !== undefined) return Number(values[parameter]);
  return text === null ? Number.NaN : parseDurationMs(text);
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString();
}
