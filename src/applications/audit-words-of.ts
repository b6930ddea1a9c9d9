import { type ApplicationSettings, applicationOf } from './application-of.js';
import { type AuditWords, TEMPLATED_AUDIT } from './audit-words.js';
import { ODOO_AUDIT } from './odoo/audit-words.js';

/** What an audit says of the sessions of an application. */
export function auditWordsOf(settings: ApplicationSettings): AuditWords {
  if ('odoo' in settings) return ODOO_AUDIT;
  return { ...TEMPLATED_AUDIT, lifetimeMs: applicationOf(settings).lifetimesMs[0] as number };
}
