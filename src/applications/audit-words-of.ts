import type { ApplicationSettings } from './application-of.js';
import { type AuditWords, TEMPLATED_AUDIT } from './audit-words.js';
import { ODOO_AUDIT } from './odoo/audit-words.js';

/** What an audit says of the sessions of an application. */
export function auditWordsOf(settings: ApplicationSettings): AuditWords {
  return 'odoo' in settings ? ODOO_AUDIT : TEMPLATED_AUDIT;
}
