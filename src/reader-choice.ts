import type { RunOptions } from './options.js';
import { readerSettings } from './options-profile.js';
import type { Module } from './profiles/module.js';
import type { Profile } from './profiles/profile.js';
import { SID_KINDS, type SidKind } from './session.js';
import { type StoreSigns, shareOf } from './store-signs.js';

/** A release is the one that reads a store if it accepts the ids of nearly all logins. */
const NEARLY_ALL = 0.99;

/**
 * Gives a plain profile the release that the store shows: how values are made, and how long they live. It stays under its
 * plain name and accepts all ids that any release accepts, as it always did. Where no release accepts nearly all
 * logins, or the release was named, the options stay as they are.
 */
export function settleReader(options: RunOptions, signs: StoreSigns): RunOptions {
  const { open, profile: named, fixed } = options.reader;
  const release = open === null ? undefined : chooseRelease(open, signs, fixed.sids);
  if (release === undefined) return options;
  const profile = asNamed(release, named);
  const { lifetimes, sids, reader, renewalMs } = readerSettings(profile, fixed);
  const { lanes } = options.pass;
  const policy = { ...lanes.policy, ...lifetimes };
  return {
    ...options,
    profile,
    release: release.name === named.name ? null : release.name,
    pass: { ...options.pass, lanes: { ...lanes, policy, sids, reader, ownership: { ...lanes.ownership, renewalMs } } },
  };
}

/** @param fixedSids what the operator says that the reader accepts, whatever its release */
function chooseRelease(
  { releases }: Module,
  signs: StoreSigns,
  fixedSids: readonly SidKind[] | undefined,
): Profile | undefined {
  const { live } = signs;
  if (live === null) return undefined;
  const able = releases.filter(({ sids }) => shareOf(signs, fixedSids ?? sids) >= NEARLY_ALL);
  const fitting = able.filter(({ series: [first, last] }) => first <= live[1] && last >= live[0]);
  return fitting.at(-1) ?? able.filter(({ series }) => series[1] < live[0]).at(-1) ?? able[0];
}

function asNamed(release: Profile, named: Profile): Profile {
  const { pickleProtocol, oldestVerbatimProtocol } = release;
  // The operator's own key and encoding; only the Python is the store's to tell.
  if (named.name === 'generic') return { ...named, pickleProtocol, oldestVerbatimProtocol };
  const { name, sids, rejectsOdoo18Sids } = named;
  return { ...release, name, sids, rejectsOdoo18Sids };
}

/** `camptocamp`, or `camptocamp, read as camptocamp-19` where the store showed the release. */
export function describeReader({ profile, release }: RunOptions): string {
  return release === null ? profile.name : `${profile.name}, read as ${release}`;
}

/** The ids that the reader itself accepts; null where it may be any release of a module. */
export function readableSids({ profile, release, reader }: RunOptions): readonly SidKind[] | null {
  const { open, fixed } = reader;
  if (fixed.sids !== undefined) return fixed.sids;
  if (release !== null) return open?.releases.find(({ name }) => name === release)?.sids ?? profile.sids;
  const isUndecided = open !== null && open.releases.length > 0 && open.plain.name !== 'generic';
  return isUndecided ? null : profile.sids;
}

/** What a release of an undecided module reads at best: the kinds of ids of the one that reads most logins. */
export function bestSids({ reader }: RunOptions, signs: StoreSigns): readonly SidKind[] {
  const releases = reader.open?.releases ?? [];
  const sorted = releases.map(({ sids }) => sids).sort((a, b) => shareOf(signs, b) - shareOf(signs, a));
  return sorted[0] ?? SID_KINDS;
}
