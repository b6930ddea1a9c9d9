import type { ReaderWords } from './application.js';
import type { ApplicationSettings } from './application-of.js';
import type { ConfiguredReader } from './configured-reader.js';
import { sidMaker } from './made-session.js';
import { OdooReader } from './odoo/reader.js';
import { moduleWords, prefixedModuleWords } from './odoo/reader-words.js';
import { randomFrom } from './seeded-random.js';
import type { TemplateSettings } from './template.js';
import { templatedApplication } from './templated.js';

/** A reader as the operator's command line names it. */
export interface ReaderOnLine {
  reader: ConfiguredReader;
  application: ApplicationSettings;
  /** The application as `--app` names it. */
  app: string;
  /** What else was said of the keys and values of a reader that this program does not know, as words. */
  given: readonly string[];
}

/**
 * How another process of this program is told of a reader.
 * @param prefix for other keys than the reader's own; null for these
 * @param lifetimeMs how long sessions under the prefix live
 * @returns null where the reader's keys have no place for a prefix
 */
export function readerWords(
  { reader, application, app, given }: ReaderOnLine,
  prefix: string | null,
  lifetimeMs: number,
): ReaderWords | null {
  if (reader instanceof OdooReader) {
    return prefix === null ? moduleWords(reader, given) : prefixedModuleWords(reader, given, prefix, lifetimeMs);
  }
  if ('odoo' in application) return null;
  return prefix === null ? templateWords(application, app) : prefixedTemplateWords(application, app, `${prefix}:`);
}

/** The same settings with this value for every duration that a template has as a parameter. */
export function longLived(settings: ApplicationSettings, lifetimeMs: number): ApplicationSettings {
  if ('odoo' in settings) return settings;
  const durations = settings.template.parameters.filter(({ type }) => type === 'duration');
  const lifetimes = Object.fromEntries(durations.map(({ name }) => [name, lifetimeMs]));
  return { ...settings, values: { ...settings.values, ...lifetimes } };
}

function templateWords(settings: TemplateSettings, app: string): ReaderWords | null {
  const { template, values } = settings;
  const key = templatedApplication(settings).keyTemplate;
  if (key === null) return null;
  const given = template.parameters.map(({ name, type }) => {
    const value = values[name];
    return `--${name}=${type === 'duration' ? `${Math.round(Number(value) / 1000)}s` : value}`;
  });
  return { words: [`--app=${app}`, ...given], key };
}

/** Under the first parameter that stands in the keys and not in the names of files. */
function prefixedTemplateWords(settings: TemplateSettings, app: string, prefix: string): ReaderWords | null {
  const { template, values } = settings;
  const sid = sidMaker(template)(randomFrom(1));
  const path = templatedApplication(settings).pathOf(sid);
  for (const { name } of template.parameters.filter(({ type }) => type === 'text')) {
    const other = { ...settings, values: { ...values, [name]: prefix } };
    const application = templatedApplication(other);
    const isInKey = application.keyTemplate?.before.includes(prefix) === true;
    if (isInKey && application.pathOf(sid) === path) return templateWords(other, app);
  }
  return null;
}
