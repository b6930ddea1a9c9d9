import { camptocamp } from './camptocamp.js';
import type { Profile } from './profile.js';

/** The first release of camptocamp's module, for OpenERP 7: the same keys, pickled by Python 2. */
export const camptocamp7: Profile = {
  ...camptocamp,
  name: 'camptocamp-7',
  title: 'camptocamp session_redis 7.0, pickle',
  odoo: '7.0',
  source: 'https://github.com/camptocamp/odoo-cloud-platform branch 7.0 session_redis/session.py',
  sids: ['hex40'],
  encoding: 'pickle',
  pickleProtocol: 2,
  rejectsOdoo18Sids: false,
};
