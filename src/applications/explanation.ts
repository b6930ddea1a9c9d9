import { formatDuration } from '../units.js';
import type { Application, ExplainedStep } from './application.js';
import { explainOdooSession, USUAL_ODOO_STORES } from './odoo/explanation.js';
import { OdooApplication } from './odoo/odoo.js';
import { TemplatedApplication } from './templated.js';

/**
 * What `explain` tells of the session that the application inspected last: what it holds, and how long it lives.
 * @param reader the name of the Redis reader, or of its release
 */
export function explainSession(application: Application, reader: string): ExplainedStep[] {
  if (application instanceof OdooApplication) return explainOdooSession(application, reader);
  return application instanceof TemplatedApplication ? explainTemplated(application) : [];
}

/** How the value of the session inspected last is made of its file, where it is another text. */
export function explainEncoding(application: Application): string {
  return application instanceof OdooApplication
    ? `${application.facts.format} to ${application.settings.reader.encoding}`
    : 'as its reader has it';
}

/** Where to look for an id whose store nobody names: here, and where the application keeps sessions by itself. */
export function usualStoresOf(application: Application): readonly string[] {
  return application instanceof OdooApplication ? ['.', ...USUAL_ODOO_STORES] : ['.'];
}

/** What is told of a session of an application that a template describes. */
function explainTemplated(application: TemplatedApplication): ExplainedStep[] {
  const { content, factNames, lifetimesMs, saysOwnEnd, store, title } = application;
  const facts = factNames.filter((_, i) => (content.facts & (1 << i)) !== 0);
  const [lifetimeMs = 0] = lifetimesMs;
  const user = application.who();
  const known = facts.map((fact) => (fact === 'login' && user !== '' ? `login of ${user}` : fact)).join(', ');
  const life = `${formatDuration(lifetimeMs)}${saysOwnEnd ? ' (or as its content says)' : ''}`;
  return [
    ['application', title],
    ['parse', [content.format, known || 'nothing of a login'].join(', ')],
    ['lifetime', `${life}; the application ${store.refusesOldFiles ? 'refuses' : 'accepts'} older files`],
  ];
}
