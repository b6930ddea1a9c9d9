/** What the applications declare as options: those of Odoo, which is code of its own; templates declare parameters. */
export {
  ODOO_BENCH as BENCH_OPTIONS,
  ODOO_GENERATE as GENERATE_OPTIONS,
  ODOO_READER as READER_OPTIONS,
  ODOO_SESSIONS as SESSION_OPTIONS,
} from './odoo/options.js';
