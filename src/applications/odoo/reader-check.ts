import { EXIT, OperatorError } from '../../errors.js';
import { formatCount } from '../../units.js';
import type { Module, Profile } from './profile.js';
import type { SettledReader } from './reader-options.js';
import { SID_KINDS, type SidKind, sidLength } from './sid-kinds.js';
import { type StoreEvidence, shareOf } from './store-evidence.js';

/** A release is the one that reads a store if it accepts the ids of nearly all logins. */
const NEARLY_ALL = 0.99;

/**
 * The release that the store shows of a reader that was named plainly: how values are made, and how long they live. It
 * stays under its plain name and accepts all ids that any release accepts. A reader whose release was named, or none of
 * whose releases accepts nearly all logins, stays as it is.
 */
export function settleRelease(reader: SettledReader, evidence: StoreEvidence): SettledReader {
  const { open, profile: plain, fixed } = reader.named;
  const release = open === null ? undefined : chooseRelease(open, evidence, fixed.sids);
  if (release === undefined) return reader;
  return {
    ...reader,
    profile: asNamed(release, plain),
    release: release.name === plain.name ? null : release.name,
  };
}

/** @param fixedSids what the operator says that the reader accepts, whatever its release */
function chooseRelease(
  { releases }: Module,
  evidence: StoreEvidence,
  fixedSids: readonly SidKind[] | undefined,
): Profile | undefined {
  const { live } = evidence;
  if (live === null) return undefined;
  const able = releases.filter(({ sids }) => shareOf(evidence, fixedSids ?? sids) >= NEARLY_ALL);
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

/** The ids that the reader itself accepts; null where it may be any release of a module. */
function readableSids({ profile, release, named }: SettledReader): readonly SidKind[] | null {
  const { open, fixed } = named;
  if (fixed.sids !== undefined) return fixed.sids;
  if (release !== null) return open?.releases.find(({ name }) => name === release)?.sids ?? profile.sids;
  const isUndecided = open !== null && open.releases.length > 0 && open.plain.name !== 'generic';
  return isUndecided ? null : profile.sids;
}

/** What a release of an undecided module reads at best: the kinds of ids of the one that reads most logins. */
function bestSids({ named }: SettledReader, evidence: StoreEvidence): readonly SidKind[] {
  const releases = named.open?.releases ?? [];
  const sorted = releases.map(({ sids }) => sids).sort((a, b) => shareOf(evidence, b) - shareOf(evidence, a));
  return sorted[0] ?? SID_KINDS;
}

/** Logins that the reader would start anew: from this share on the operator is told, and from the other on asked. */
const WARNED_SHARE = 0.01;
const REFUSED_SHARE = 0.5;
/** So many logins must have been seen before a share of them says anything. */
const ENOUGH_LOGINS = 20;

/**
 * Refuses a pair of store and reader that cannot work: every copy would succeed, and most users be logged out. A small
 * sample of the store decides; single sessions of a wrong kind are the outcome `dead`.
 *
 * @returns warnings: of logins that the reader can't accept, by share, and of what is special about it
 * @throws {OperatorError} with exit code 7, and what to do instead
 */
export function checkReader(evidence: StoreEvidence, reader: SettledReader): string[] {
  const { profile, release, named } = reader;
  const { fixed } = named;
  const isVouchedFor = fixed.sids !== undefined;
  const name = release ?? profile.name;
  const kinds = [...evidence.names.keys()];
  if (profile.fitsNoStore !== undefined && !isVouchedFor && kinds.length > 0) {
    throw refused(`${profile.name} fits no store: ${profile.fitsNoStore}; choose another --profile`);
  }
  const sids = fixed.sids ?? profile.sids;
  if (kinds.length > 0 && kinds.every((kind) => !sids.includes(kind))) {
    if (rejectsOdoo18(profile, evidence, isVouchedFor)) throw refused(odoo18Message(profile));
    throw refused(
      `the ids in this store have ${lengths(kinds)} characters, and ${name} accepts only ${lengths(sids)}: every user would ` +
        'be logged out; choose the profile of the module that will read them, or patch its is_valid_key to accept them and ' +
        'name their length by --sids',
    );
  }
  if (rejectsOdoo18(profile, evidence, isVouchedFor)) throw refused(odoo18Message(profile));
  const warnings = [
    ...warningOfDead(evidence, reader, name),
    ...warningOfUnknown(evidence),
    ...warningOfWrappers(evidence, reader),
  ];
  if (profile.note !== undefined) warnings.push(`${name}: ${profile.note}`);
  return warnings;
}

/** @throws {OperatorError} where most logins of the store are none to a reader that is known */
function warningOfDead(evidence: StoreEvidence, reader: SettledReader, name: string): string[] {
  const readable = readableSids(reader);
  const sids = readable ?? bestSids(reader, evidence);
  const dead = [...evidence.names.keys()].filter((kind) => !sids.includes(kind));
  const share = shareOf(evidence, dead);
  if (dead.length === 0 || share < WARNED_SHARE) return [];
  const seen = [...evidence.logins.values()].reduce((sum, count) => sum + count, 0);
  const seenDead = dead.reduce((sum, kind) => sum + (evidence.logins.get(kind) ?? 0), 0);
  const which =
    seen === 0
      ? `some ${percent(share)} of the sessions`
      : `some ${percent(share)} of the logins (${formatCount(seenDead)} of ${formatCount(seen)} looked at)`;
  const have = `${which} have ids of ${lengths(dead)} characters`;
  // Which of the two is alive, the end of the run asks by exact numbers (report/advice.ts).
  if (readable === null && dead.includes('hex40') !== sids.includes('hex40')) return [];
  if (readable === null) {
    return [
      `${have}, and no release of ${name} accepts these beside ids of ${lengths(sids)}: whoever has an id that the running one ` +
        'rejects will be logged out; name the release, as in --odoo 19, to leave those behind',
    ];
  }
  const consequence = `${have}, and ${name} accepts only ${lengths(sids)}: they will be logged out`;
  if (share >= REFUSED_SHARE && seen >= ENOUGH_LOGINS && reader.named.fixed.sids === undefined) {
    throw refused(
      `${consequence}; choose the release that will read them, or say by --sids ${lengths(sids, ',')} that they may`,
    );
  }
  return [`${consequence}, unless that is another release (see: sess2redis profiles)`];
}

/** Odoo 11 and 12 write the same files, and only one of their modules has a form for some types. */
function warningOfWrappers({ live, wrapped }: StoreEvidence, { profile, named: { open } }: SettledReader): string[] {
  if (open === null || live === null || wrapped === 0 || profile.encoding !== 'c2c-json') return [];
  const unable = open.releases.find(
    ({ encoding, series: [first, last] }) => encoding === 'json' && first <= live[1] && last >= live[0],
  );
  if (unable === undefined) return [];
  const odoo = Math.min(unable.series[1], live[1]);
  return [
    `some sessions hold a datetime, a date or a set, which ${profile.name} has a form for from Odoo ${odoo + 1} on, and the files of ` +
      `Odoo ${odoo} look the same: if this is Odoo ${odoo}, say --odoo ${odoo}, so that none of them is copied in a form that it can't read`,
  ];
}

function warningOfUnknown({ names, unknownNames }: StoreEvidence): string[] {
  const known = [...names.values()].reduce((sum, count) => sum + count, 0);
  const share = unknownNames / (known + unknownNames || 1);
  if (share < WARNED_SHARE) return [];
  return [
    `some ${percent(share)} of the names (${formatCount(unknownNames)} looked at) are like session ids of a length that this ` +
      'program does not know: they stay behind as foreign',
  ];
}

function rejectsOdoo18(profile: Profile, { odoo18, odoo19 }: StoreEvidence, isVouchedFor: boolean): boolean {
  return profile.rejectsOdoo18Sids && !isVouchedFor && odoo18 > 0 && odoo19 === 0;
}

function odoo18Message({ name }: Profile): string {
  return (
    `these are sessions of Odoo 18, and the ${name} module for 18.0 rejects their 84-character ids (it inherits the ` +
    'rule for 40), so every user would be logged out: patch its RedisSessionStore to borrow is_valid_key and generate_key ' +
    "from Odoo's FilesystemSessionStore, as its 19.0 branch does, then run again with --sids 84"
  );
}

function percent(share: number): string {
  return share >= 0.995 ? 'all' : `${Math.max(1, Math.round(share * 100))} %`;
}

function lengths(kinds: readonly SidKind[], separator = ' or '): string {
  return kinds.map(sidLength).join(separator);
}

function refused(message: string): OperatorError {
  return new OperatorError(EXIT.refused, message);
}
