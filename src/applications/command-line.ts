/**
 * What the application that is code of its own brings to the command line: the options that it declares, ids that may
 * begin as an option does, and its readers. Templates declare parameters, and `apps` lists their readers.
 */
export { fileFormatFault } from './odoo/file-format.js';
export { kindOfSid } from './odoo/layout.js';
export { ODOO_BENCH, ODOO_GENERATE, ODOO_READER, ODOO_SESSIONS } from './odoo/options.js';
export { PROFILE_COLUMNS, profileNotes, profileRecords, profileSources, RELEASES } from './odoo/profile-list.js';
