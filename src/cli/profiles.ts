import type { Profile } from '../applications/odoo/profile.js';
import { KNOWN_PROFILES, MODULES } from '../applications/odoo/profiles.js';
import { EXIT, type ExitCode } from '../errors.js';
import type { SettledOptions } from '../options/settle.js';
import { table } from '../report/text.js';
import { sidLength } from '../session.js';
import { formatDuration } from '../units.js';

const RELEASES = `A plain name means the release that the store shows; --profile camptocamp-19, or --odoo 19, names one.`;

/** Shows the readers and their rules, so that the operator can find the one that runs. */
export async function runProfiles(settled: SettledOptions): Promise<ExitCode> {
  if (settled.value('json') === true) {
    for (const profile of KNOWN_PROFILES) process.stdout.write(`${JSON.stringify(toRecord(profile))}\n`);
    const summary = {
      type: 'summary',
      version: 1,
      command: 'profiles',
      profiles: KNOWN_PROFILES.length,
      exitCode: 0,
    };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  } else {
    process.stdout.write(`${render()}\n`);
  }
  return EXIT.complete;
}

function render(): string {
  const rows = [
    [
      ...['profile', 'Odoo', 'key', 'with --prefix p', 'db', 'value', 'ids', 'login', 'anonymous', 'renewed'],
      'if unreadable',
    ],
  ];
  for (const profile of KNOWN_PROFILES) {
    const { key, prefixedKey, databaseIndex, encoding, sids, onUndecodable } = toRecord(profile);
    rows.push([
      profile.name,
      profile.odoo,
      key,
      prefixedKey ?? '-',
      String(databaseIndex),
      encoding,
      sids.join(', '),
      formatDuration(profile.authenticatedLifetimeMs),
      formatDuration(profile.anonymousLifetimeMs),
      profile.renewsOnRead ? 'by a read' : 'by a save',
      onUndecodable,
    ]);
  }
  const sources = MODULES.map(({ plain }) => [plain.name, plain.title, plain.source]);
  const notes = MODULES.flatMap(({ plain }) => {
    const note = plain.fitsNoStore ?? plain.note;
    return note === undefined ? [] : [`${plain.name}: ${note}`];
  });
  return [table(rows), RELEASES, table(sources), ...notes].join('\n\n');
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
