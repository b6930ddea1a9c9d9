import { OWN_CODE } from './built-in-names.js';
import type { ConfiguredReader } from './configured-reader.js';
import { OdooReader } from './odoo/reader.js';
import { readNamedReader } from './odoo/reader-options.js';
import { wrongDirectoryReason } from './odoo/stores-near.js';
import type { OptionValues } from './option-values.js';
import type { Template } from './template.js';
import { readTemplatedReader } from './templated-reader.js';

/**
 * The reader that the options name, of the application that a template describes, or of Odoo.
 * @param strangers see `strangersOf`
 * @returns null where something is wrong, which is a fault
 */
export function readReader(
  read: OptionValues,
  template: Template | null,
  strangers: readonly string[],
): ConfiguredReader | null {
  if (template !== null) return readTemplatedReader(read, template, strangers);
  if (read.isGiven('grace')) {
    read.faults.add(
      `--grace goes with applications that a template describes, not with ${OWN_CODE.spoken}: leave it out`,
    );
  }
  const named = readNamedReader(read);
  return new OdooReader({ named, profile: named.profile, release: null });
}

/** Why a directory is none of Odoo's, as `is ...: name ...`; null for one that may be. */
export function whyNotOwnCode(directory: string): string | null {
  return wrongDirectoryReason(directory);
}
