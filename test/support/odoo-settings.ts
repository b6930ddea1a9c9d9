import type { ApplicationSettings } from '../../src/applications/application-of.js';
import type { ConfiguredReader } from '../../src/applications/configured-reader.js';
import type { OdooSettings } from '../../src/applications/odoo/odoo.js';
import { OdooReader } from '../../src/applications/odoo/reader.js';

/** The settings of a run that is about Odoo. */
export function odooSettingsOf({ application }: { application: ApplicationSettings }): OdooSettings {
  if ('odoo' in application) return application.odoo;
  throw new TypeError('these are the settings of another application');
}

/** A reader of Odoo's sessions, with what only such a one has. */
export function odooReaderOf(reader: ConfiguredReader): OdooReader {
  if (reader instanceof OdooReader) return reader;
  throw new TypeError('this is the reader of another application');
}
