import type { Profile } from '../applications/odoo/profile.js';
import { KNOWN_PROFILES, MODULES } from '../applications/odoo/profiles.js';
import { EXIT, type ExitCode } from '../errors.js';
import type { SettledOptions } from '../options/settle.js';
import { jsonLines, shortSummary } from '../report/summary.js';
import { recordTable, table } from '../report/text-table.js';
import { sidLength } from '../session.js';
import { formatDuration } from '../units.js';

const RELEASES = `A plain name means the release that the store shows; --profile camptocamp-19, or --odoo 19, names one.`;

/** Shows the readers and their rules, so that the operator can find the one that runs. */
export async function runProfiles(settled: SettledOptions): Promise<ExitCode> {
  const records = KNOWN_PROFILES.map(toRecord);
  const lines = [...records, shortSummary('profiles', { profiles: records.length })];
  process.stdout.write(settled.value('json') === true ? jsonLines(lines) : `${render()}\n`);
  return EXIT.complete;
}

const COLUMNS: Readonly<Record<string, (profile: ReturnType<typeof toRecord>) => string>> = {
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

function render(): string {
  const sources = MODULES.map(({ plain }) => [plain.name, plain.title, plain.source]);
  const notes = MODULES.flatMap(({ plain }) => {
    const note = plain.fitsNoStore ?? plain.note;
    return note === undefined ? [] : [`${plain.name}: ${note}`];
  });
  return [recordTable(KNOWN_PROFILES.map(toRecord), COLUMNS), RELEASES, table(sources), ...notes].join('\n\n');
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
