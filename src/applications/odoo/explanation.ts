import { escapeBytes } from '../../masking.js';
import { formatDuration } from '../../units.js';
import type { ExplainedStep } from '../application.js';
import type { OdooApplication } from './odoo.js';
import { lifetimeOf, ownLifetimeOf } from './plan.js';

/** Where Odoo keeps sessions unless told otherwise (odoo/tools/config.py, data_dir; the official container image). */
export const USUAL_ODOO_STORES = ['/var/lib/odoo/sessions', '/var/lib/odoo/.local/share/Odoo/sessions'];

/** What is told of the session of an Odoo that was inspected last. */
export function explainOdooSession({ facts, settings }: OdooApplication, reader: string): ExplainedStep[] {
  const { policy } = settings;
  const login = facts.isAuthenticated ? 'a login' : 'no login';
  const database = facts.db === null ? 'no database' : `database ${escapeBytes(facts.db)}`;
  const isOwn = !Number.isNaN(ownLifetimeOf(facts, policy));
  const kind = facts.isAuthenticated ? 'logins' : 'sessions without a login';
  const origin = isOwn ? "the session's own expiration" : `${reader}, for ${kind}`;
  return [
    ['parse', `${facts.format}, ${login}, ${database}${facts.hasCart ? ', a cart' : ''}`],
    ['lifetime', `${formatDuration(lifetimeOf(facts, policy))} (${origin})`],
  ];
}
