import { EXIT, type ExitCode } from '../exit-codes.js';
import type { RawOptions } from '../options-table.js';
import { KNOWN_PROFILES } from '../profiles/known.js';
import type { Profile } from '../profiles/profile.js';
import { formatDuration } from '../quantities.js';
import { table } from '../report/text.js';
import type { ParsedLine } from './command-line.js';

/** Shows the readers and their rules, so that the operator can find the one that runs. */
export async function runProfiles(line: ParsedLine, _raw: RawOptions): Promise<ExitCode> {
  if (line.json === true) {
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
    ['profile', 'Odoo', 'key', 'with --prefix p', 'db', 'value', 'ids', 'login', 'anonymous', 'if unreadable'],
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
      onUndecodable,
    ]);
  }
  const sources = KNOWN_PROFILES.map((profile) => [profile.name, profile.title, profile.source]);
  return `${table(rows)}\n\n${table(sources)}`;
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
    sids: profile.sids.map((kind) => Number(kind.replace(/\D/g, ''))),
    encoding: profile.encoding,
    lifetimeMs: profile.authenticatedLifetimeMs,
    anonymousLifetimeMs: profile.anonymousLifetimeMs,
    honoursExpiration: profile.honoursExpiration,
    onUndecodable: profile.onUndecodable,
  };
}
