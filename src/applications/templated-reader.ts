import { createHash } from 'node:crypto';
import { formatDuration } from '../units.js';
import type { HashForm, KeyTemplate, ReaderRules, StoreRules } from './application.js';
import { bindTemplate, placeholdersFor } from './bind-template.js';
import { type ConfiguredReader, NO_RIVALS } from './configured-reader.js';
import { type OptionValues, readSelection } from './option-values.js';
import type { PoolOrder } from './server-pool.js';
import type { Parameter, Selection, Template, TemplateSettings } from './template.js';
import { type TemplatedApplication, templatedApplication } from './templated.js';

/** Null where something is wrong, which is a fault. */
export function readTemplatedReader(
  read: OptionValues,
  template: Template,
  strangers: readonly string[],
): TemplatedReader | null {
  // A benchmark makes the sessions itself: what only tells one shop from another need not be given.
  const unknown = mayLackValues(read) || read.command === 'bench' ? placeholdersFor(template) : {};
  const given = givenOf(read, template);
  const { settings, faults } = bindTemplate(template, { ...unknown, ...given });
  for (const fault of faults) read.faults.add(fault);
  if (settings === null) return null;
  const selection = readSelection(read);
  const application = templatedApplication({ ...settings, selection, strangers });
  const { fields, hash } = application.reader;
  if (fields !== null && hash === null) {
    read.faults.add(
      `template ${template.name}: only the field that own names may depend on the session, and another one does`,
    );
  }
  if (hash !== null && read.text('conflict') === 'overwrite') {
    read.faults.add(`--conflict overwrite is not for hashes, as ${template.name} has them: leave it out`);
  }
  if (selection.graceMs > 0 && template.file.refusesOldFiles) {
    read.faults.add(
      `--grace goes with applications that accept files over their age, and ${template.name} is none: leave it out`,
    );
  }
  const missing = template.parameters.filter(({ name }) => name in unknown && !(name in given));
  return new TemplatedReader(application, application.keyTemplate, selection, missing);
}

/** An audit without a target makes no keys: of a store that was recognised it needs not know what they are made of. */
function mayLackValues(read: OptionValues): boolean {
  return read.recognition !== '' && read.command === 'audit' && !read.isGiven('to');
}

/** By parameter of a template, what the operator gave. */
export function givenOf(read: OptionValues, { parameters }: Template): Record<string, string> {
  const given: Record<string, string> = {};
  for (const { name } of parameters) {
    const value = read.isGiven(name) ? read.text(name) : undefined;
    if (typeof value === 'string') given[name] = value;
  }
  return given;
}

/** The reader that a template describes, with the operator's values: a store shows nothing that they leave open. */
class TemplatedReader implements ConfiguredReader {
  readonly name: string;
  readonly release = null;
  readonly settings: TemplateSettings;
  readonly hash: HashForm | null;
  readonly databaseIndex: number;
  readonly renewalMs: number;
  readonly isPrefixGiven = true;
  readonly division = [];
  readonly hasRivals = false;
  readonly pool: PoolOrder | null;

  constructor(
    readonly application: TemplatedApplication,
    readonly key: KeyTemplate,
    readonly selection: Selection,
    readonly missing: readonly Parameter[],
  ) {
    const { name, settings, reader, lifetimesMs } = application;
    this.name = name;
    this.settings = settings;
    this.hash = reader.hash;
    this.pool = reader.pool;
    this.databaseIndex = reader.database;
    this.renewalMs = Number.isNaN(reader.renewalMs) ? (lifetimesMs[0] ?? 0) : reader.renewalMs;
  }

  get identity(): Record<string, string> {
    const { template, values } = this.settings;
    const { anonymous, maxAgeMs, graceMs } = this.selection;
    const whole = JSON.stringify([{ ...template, title: '', source: '', note: '', settings: [] }, values]);
    return {
      application: template.name,
      template: createHash('sha256').update(whole).digest('hex').slice(0, 16),
      key: `${this.key.before}{sid}${this.key.after}`,
      'policy for sessions without a login': anonymous,
      'maximum age': Number.isFinite(maxAgeMs) ? `${maxAgeMs / 1000}s` : 'none',
      ...(graceMs > 0 && { 'grace of sessions over their age': `${graceMs / 1000}s` }),
    };
  }

  wrongDirectoryReason(): null {
    return null;
  }

  observer(): null {
    return null;
  }

  /** The note of its template, and lifetimes that are far apart. */
  check(): string[] {
    const { name, note } = this.settings.template;
    const gap = lifetimeGap(this.application);
    const needed = this.missing.map((parameter) => `--${parameter.name} (${parameter.help})`).join(' and ');
    return [
      ...(note === '' ? [] : [`${name}: ${note}`]),
      ...(needed === '' ? [] : [`${name}: all but an audit needs ${needed}`]),
      ...(gap === '' ? [] : [gap]),
    ];
  }

  rivalsAmong(): typeof NO_RIVALS {
    return NO_RIVALS;
  }
}

/** Lifetimes that differ by more than this factor are named before a run. */
const MOST_FACTOR = 2;

/**
 * A sentence where the reader will give sessions another life than their files have; empty where the two are near, or
 * one is not known. The copies get what the files say; the reader's own counts from a user's next request on.
 */
export function lifetimeGap({
  title,
  store,
  reader,
}: {
  title: string;
  store: Pick<StoreRules, 'lifetimeMs'>;
  reader: Pick<ReaderRules, 'lifetimeMs'>;
}): string {
  const factor = reader.lifetimeMs / store.lifetimeMs;
  if (Number.isNaN(factor) || (factor <= MOST_FACTOR && factor >= 1 / MOST_FACTOR)) return '';
  const effect = factor < 1 ? 'idle users are logged out sooner' : 'sessions stay in Redis longer';
  return `${title}: files live for ${formatDuration(store.lifetimeMs)}, and from the next request of a user on the reader gives ${formatDuration(reader.lifetimeMs)}, so ${effect} than before: set both alike if that is not meant`;
}
