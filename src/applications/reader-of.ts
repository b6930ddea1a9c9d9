import type { ConfiguredReader } from './configured-reader.js';
import { OdooReader } from './odoo/reader.js';
import { readNamedReader } from './odoo/reader-options.js';
import type { OptionValues } from './option-values.js';
import type { Template } from './template.js';
import { readTemplatedReader } from './templated-reader.js';

/**
 * The reader that the options name, of the application that a template describes, or of Odoo.
 * @returns null where something is wrong, which is a fault
 */
export function readReader(read: OptionValues, template: Template | null): ConfiguredReader | null {
  if (template !== null) return readTemplatedReader(read, template);
  const named = readNamedReader(read);
  return new OdooReader({ named, profile: named.profile, release: null });
}

/** What only a reader of Odoo has. */
export function odooReaderOf(reader: ConfiguredReader): OdooReader {
  if (reader instanceof OdooReader) return reader;
  throw new TypeError('this is asked of Odoo alone');
}
