import { quote } from '../errors.js';
import { type OdooSeries, SERIES, seriesNamed } from './odoo/series.js';
import { type OdooGeneration, OdooGenerator } from './odoo/session-generator.js';
import type { GenerationSettings, SessionGenerator } from './session-generator.js';
import type { TemplateSettings } from './template.js';
import { TemplatedGenerator } from './templated-generator.js';

/** Which sessions are made up, as plain data that a thread can be started with. */
export type GeneratorSettings = GenerationSettings & ({ odoo: OdooGeneration } | { template: TemplateSettings });

/** Makes in this thread what makes sessions up. */
export function generatorOf(settings: GeneratorSettings): SessionGenerator {
  return 'odoo' in settings
    ? new OdooGenerator(settings.odoo, settings)
    : new TemplatedGenerator(settings.template, settings);
}

/** Whose sessions are made up. */
export interface Generation {
  settings: { odoo: OdooGeneration } | { template: TemplateSettings };
  /** As a heading shows it: `Odoo 19`, `laravel`. */
  title: string;
  /** The release of the application as the operator named it; null where all releases write the same. */
  release: string | null;
}

/**
 * Sessions of the application that a template describes, or of Odoo where there is none.
 * @param release the series of Odoo, `mixed` for those that an upgraded directory holds
 * @param databases of Odoo
 * @param onFault told a sentence about a release that there is not
 * @returns null for such a release
 */
export function generationOf(
  template: TemplateSettings | null,
  release: string,
  databases: readonly string[],
  onFault: (fault: string) => void,
): Generation | null {
  if (template !== null) return { settings: { template }, title: template.template.name, release: null };
  const series: readonly OdooSeries[] = seriesNamed(release);
  if (series.length === 0) {
    const known = SERIES.map(({ name }) => name).join(', ');
    onFault(`--odoo is ${quote(release)}: choose ${known} or mixed`);
    return null;
  }
  return { settings: { odoo: { series, databases } }, title: `Odoo ${release}`, release };
}
