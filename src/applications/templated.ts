import { maskPath, maskUnknown } from '../masking.js';
import type { ByteSink } from '../python/sink.js';
import { newFacts } from '../session.js';
import type {
  Application,
  Content,
  KeyTemplate,
  Plan,
  ReaderRules,
  RedisValue,
  StoredValues,
  StoreName,
  StoreRules,
} from './application.js';
import { ContentCheck } from './content-check.js';
import { ExpiryRules } from './expiry-rules.js';
import { FileNames } from './file-names.js';
import { MemberPaths } from './formats/member-paths.js';
import { Keys, keyOf } from './keys.js';
import { EVERY_SESSION, type TemplateSettings } from './template.js';
import { TemplatedFacts } from './templated-facts.js';
import { allowedFormats, readerRulesOf, storeRulesOf } from './templated-rules.js';
import { TemplatedValues } from './templated-values.js';
import { Values } from './values.js';

/** Where the content says how long a session lives: no copy of it is waited for longer. */
const LONGEST_MS = 365 * 86_400_000;
/** The ledger has room for so many characters of an id. */
const LONGEST_SID = 239;

/** Makes the application in this thread, by settings that `bindTemplate` made. */
export function templatedApplication(settings: TemplateSettings): TemplatedApplication {
  return new TemplatedApplication(settings);
}

/** An application as its template describes it. */
export class TemplatedApplication implements Application {
  readonly name: string;
  readonly title: string;
  readonly store: StoreRules;
  readonly reader: ReaderRules;
  readonly factNames: readonly string[];
  isGraced = false;
  readonly content: Content;
  readonly facts = newFacts();
  readonly scope = [];
  /** A template tells no releases apart. */
  readonly markOf = () => '';
  readonly lifetimesMs: readonly number[];
  readonly longestLifetimeMs: number;
  /** Whether the content of a file may say when it ends. */
  readonly saysOwnEnd: boolean;
  readonly #names: FileNames;
  readonly #keys: Keys;
  readonly #values: Values;
  readonly #expiry: ExpiryRules;
  readonly #check: ContentCheck;
  readonly #facts: TemplatedFacts;
  /** The file, as it is on the disk. */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;

  constructor(readonly settings: TemplateSettings) {
    const { template, values } = settings;
    this.name = template.name;
    this.title = template.title;
    this.#names = new FileNames(template.file, template.refuse, values);
    this.#keys = new Keys(template.key, template.ignore, values);
    this.#values = new Values(template.value, values);
    this.#expiry = new ExpiryRules(template.expires, values);
    this.#facts = new TemplatedFacts(template, settings.strangers);
    const paths = new MemberPaths([...this.#facts.members, ...this.#expiry.members]);
    this.#facts.watch(paths);
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
    this.factNames = this.#facts.names;
    this.lifetimesMs = [this.#expiry.lifetimeMs];
    this.saysOwnEnd = this.#expiry.isInContent;
    this.longestLifetimeMs = Math.max(this.#expiry.lifetimeMs, this.saysOwnEnd ? LONGEST_MS : 0);
    this.store = storeRulesOf(settings, this.#names, this.#expiry);
    this.reader = readerRulesOf(settings, this.#values, this.#keys);
  }

  /** Why no file can be made of a value again; empty where one can. */
  get noFile(): string {
    return this.#values.noFile;
  }

  recognise(path: string, name: StoreName): StoreName {
    this.#names.recognise(path, name);
    if (name.sid.length > LONGEST_SID) {
      name.verdict = 'unsupported';
      name.sid = '';
      name.reason = `its id is longer than ${LONGEST_SID} characters`;
    }
    return name;
  }

  entersDirectory(path: string): boolean {
    return this.#names.enters(path);
  }

  pathOf(sid: string): string {
    return this.#names.pathOf(sid);
  }

  pathsOf(sid: string): readonly string[] {
    return [this.#names.pathOf(sid)];
  }

  isSid(text: string): boolean {
    return this.#names.isSid(text);
  }

  accepts(): boolean {
    return true;
  }

  acceptsSid(sid: string): boolean {
    return this.#names.isSid(sid);
  }

  shadowsIn(): null {
    return null;
  }

  misplacement(): string {
    return '';
  }

  mask(text: string, sid: string): string {
    return sid === '' ? maskUnknown(text, this.store.levels) : maskPath(text, sid);
  }

  inspect(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#check.inspect(bytes, start, end);
    this.#facts.tell(this.#check, this.facts);
  }

  /** The user of the session inspected last; empty where none can be told. */
  who(): string {
    return this.#facts.who(this.#check);
  }

  expiryMs(mtimeMs: number, nowMs: number): number {
    const { found, inner } = this.#check;
    return this.#expiry.expiryMs(mtimeMs, nowMs, found, inner, this.#bytes, this.#start, this.#end);
  }

  plan(mtimeMs: number, nowMs: number): Plan {
    const { anonymous, maxAgeMs, graceMs } = this.settings.selection ?? EVERY_SESSION;
    this.isGraced = false;
    if (nowMs - mtimeMs > maxAgeMs) return 'older';
    if (anonymous === 'skip' && !this.facts.isAuthenticated) return 'anonymous';
    const expiryMs = Math.floor(this.expiryMs(mtimeMs, nowMs));
    if (expiryMs > nowMs) return expiryMs;
    this.isGraced = graceMs > 0;
    return this.isGraced ? nowMs + graceMs : 'expired';
  }

  losesCart(): boolean {
    return false;
  }

  encode(value: RedisValue): boolean {
    const { bytes, start, end } = this.#check;
    this.#values.encode(bytes, start, end, value);
    return true;
  }

  get keyTemplate(): KeyTemplate {
    return this.#keys.template;
  }

  keyOf(sid: string): string {
    return keyOf(this.#keys.template, sid);
  }

  sidOf(key: string): string | null {
    if (this.#keys.isLock(key)) return null;
    const sid = this.#keys.sidOf(key);
    return sid !== null && this.#names.isSid(sid) ? sid : null;
  }

  get isBeyond(): boolean {
    return this.#values.isBeyond;
  }

  isLock(key: string): boolean {
    return this.#keys.isLock(key);
  }

  values(): StoredValues {
    return new TemplatedValues(new TemplatedApplication(this.settings));
  }

  decode(fields: readonly (Uint8Array | null)[], file: ByteSink): string {
    return this.#values.decode(fields, file);
  }

  mtimeMsFor(expiryMs: number): number {
    return this.#expiry.mtimeMsFor(expiryMs, this.#check.found, this.#check.inner);
  }
}
