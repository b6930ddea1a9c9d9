import { camptocamp } from './camptocamp.js';
import type { Profile } from './profile.js';

/**
 * mangono's `redis_session_store`, derived from camptocamp's: the same keys (doubled colon included), values and
 * lifetimes. Release 1.2.0 accepts 40 hex characters only, later ones 84 only.
 */
export const mangono: Profile = {
  ...camptocamp,
  name: 'mangono',
  title: 'mangono-odoo-redis-session, JSON',
  odoo: '12.0 to 18.0',
  source: 'https://pypi.org/project/mangono-odoo-redis-session redis_session_store/session.py',
  // Which release reads is unknown here; 1.2.0 with Odoo 18 is the operator's to check (see `profiles`).
  rejectsOdoo18Sids: false,
};
