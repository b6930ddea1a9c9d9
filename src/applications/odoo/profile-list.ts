import { formatDuration } from '../../units.js';
import type { Profile } from './profile.js';
import { KNOWN_PROFILES, MODULES } from './profiles.js';
import { sidLength } from './sid-kinds.js';

export const RELEASES = `A plain name means the release that the store shows; --profile camptocamp-19, or --odoo 19, names one.`;

type ProfileRecord = ReturnType<typeof toRecord>;

/** The modules and their releases, as `profiles --json` writes them. */
export function profileRecords(): ProfileRecord[] {
  return KNOWN_PROFILES.map(toRecord);
}

/** By heading, what a table of the records shows. */
export const PROFILE_COLUMNS: Readonly<Record<string, (profile: ProfileRecord) => string>> = {
  profile: ({ name }) => name,
  Odoo: ({ odoo }) => odoo,
  key: ({ key }) => key,
  'with --prefix p': ({ prefixedKey }) => prefixedKey ?? '-',
  db: ({ databaseIndex }) => String(databaseIndex),
  value: ({ encoding }) => encoding,
  ids: ({ sids }) => sids.join(', '),
  login: ({ lifetimeMs }) => formatDuration(lifetimeMs),
  anonymous: ({ anonymousLifetimeMs }) => formatDuration(anonymousLifetimeMs),
  renewed: ({ renewsOnRead }) => (renewsOnRead ? 'by a read' : 'by a save'),
  'if unreadable': ({ onUndecodable }) => onUndecodable,
};

/** Name, title and source of each module. */
export function profileSources(): string[][] {
  return MODULES.map(({ plain }) => [plain.name, plain.title, plain.source]);
}

/** What the operator has to know about some of them, a sentence each. */
export function profileNotes(): string[] {
  return MODULES.flatMap(({ plain }) => {
    const note = plain.fitsNoStore ?? plain.note;
    return note === undefined ? [] : [`${plain.name}: ${note}`];
  });
}

function toRecord(profile: Profile) {
  const keyWith = (prefix: string) => `${profile.keyBefore(prefix)}<sid>${profile.keyAfter(prefix)}`;
  return {
    type: 'profile',
    name: profile.name,
    title: profile.title,
    odoo: profile.odoo,
    source: profile.source,
    key: keyWith(''),
    prefixedKey: keyWith('p') === keyWith('') ? null : keyWith('p'),
    databaseIndex: profile.databaseIndex,
    sids: profile.sids.map(sidLength),
    encoding: profile.encoding,
    lifetimeMs: profile.authenticatedLifetimeMs,
    anonymousLifetimeMs: profile.anonymousLifetimeMs,
    honoursExpiration: profile.honoursExpiration !== false,
    renewsOnRead: profile.renewsOnRead,
    onUndecodable: profile.onUndecodable,
    fitsNoStore: profile.fitsNoStore !== undefined,
  };
}
