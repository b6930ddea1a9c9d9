import { SID_KINDS } from '../session.js';
import type { Module } from './module.js';
import { type Profile, SEVEN_DAYS_MS } from './profile.js';

/** Where `--key-template` puts the session id and `--prefix`. */
export const SID_PLACEHOLDER = '{sid}';
export const PREFIX_PLACEHOLDER = '{prefix}';

export const DEFAULT_KEY_TEMPLATE = 'session:{prefix}{sid}';

/** A reader that no profile knows: the operator names its key and encoding. Lives as long as the file does. */
const plain: Profile = {
  name: 'generic',
  title: 'any other reader: --key-template, --encoding',
  odoo: 'any',
  series: [8, 20],
  source: 'your own',
  ...splitTemplate(DEFAULT_KEY_TEMPLATE),
  databaseIndex: 0,
  sids: SID_KINDS,
  encoding: 'json',
  pickleProtocol: 4,
  oldestVerbatimProtocol: 0,
  authenticatedLifetimeMs: SEVEN_DAYS_MS,
  anonymousLifetimeMs: SEVEN_DAYS_MS,
  honoursExpiration: false,
  renewsOnRead: false,
  onUndecodable: 'empty session',
  rejectsOdoo18Sids: false,
};

/** Which Python loads the pickles follows from the Odoo; the name stays, and so do ids and lifetimes. */
export const generic: Module = {
  plain,
  releases: [
    { ...plain, series: [8, 10], pickleProtocol: 2 },
    { ...plain, series: [11, 20], oldestVerbatimProtocol: 3 },
  ],
};

/** The two halves of a template that names `{sid}` exactly once. */
export function splitTemplate(template: string): Pick<Profile, 'keyBefore' | 'keyAfter'> {
  const [before = '', after = ''] = template.split(SID_PLACEHOLDER);
  const filled = (half: string) => (prefix: string) => half.replaceAll(PREFIX_PLACEHOLDER, () => prefix);
  return { keyBefore: filled(before), keyAfter: filled(after) };
}
