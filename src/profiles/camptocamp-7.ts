import { camptocamp } from './camptocamp.js';
import { type Module, moduleOf } from './module.js';

/** The first release of camptocamp's module, for OpenERP 7: the same keys, pickled by Python 2. */
export const camptocamp7: Module = moduleOf({
  ...camptocamp.plain,
  name: 'camptocamp-7',
  title: 'camptocamp session_redis 7.0, pickle',
  odoo: '7.0',
  series: [7, 7],
  source: 'https://github.com/camptocamp/odoo-cloud-platform branch 7.0 session_redis/session.py',
  sids: ['hex40'],
  sidsInLedger: ['hex40'],
  encoding: 'pickle',
  pickleProtocol: 2,
  rejectsOdoo18Sids: false,
  fitsNoStore:
    "OpenERP 7 keeps objects of its own in its session files, which cannot be copied, and it can't use the sessions of any later Odoo",
});
