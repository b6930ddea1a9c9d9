import type { ReaderRules, StoreRules } from '../applications/application.js';
import { odooSettingsOf } from '../applications/application-of.js';
import type { Module, Profile } from '../applications/odoo/profile.js';
import type { TemplateSettings } from '../applications/template.js';
import { templatedApplication } from '../applications/templated.js';
import { EXIT, OperatorError } from '../errors.js';
import type { RunOptions } from '../options/run-options.js';
import { readerSettings } from '../options/selection.js';
import { SID_KINDS, type SidKind, sidLength } from '../session.js';
import { formatCount, formatDuration } from '../units.js';
import { type StoreSigns, shareOf } from './store-signs.js';

/** A release is the one that reads a store if it accepts the ids of nearly all logins. */
const NEARLY_ALL = 0.99;

/**
 * Gives a plain profile the release that the store shows: how values are made, and how long they live. It stays under
 * its plain name and accepts all ids that any release accepts, as it always did. Where no release accepts nearly all
 * logins, or the release was named, the options stay as they are.
 */
export function settleReader(options: RunOptions, signs: StoreSigns): RunOptions {
  const { open, profile: named, fixed } = options.reader;
  const release = open === null ? undefined : chooseRelease(open, signs, fixed.sids);
  if (release === undefined) return options;
  const profile = asNamed(release, named);
  const { lifetimes, sids, reader, renewalMs } = readerSettings(profile, fixed);
  const { lanes } = options.pass;
  const policy = { ...odooSettingsOf(lanes).policy, ...lifetimes };
  const ownership = { ...lanes.ownership, renewalMs };
  return {
    ...options,
    profile,
    release: release.name === named.name ? null : release.name,
    pass: { ...options.pass, lanes: { ...lanes, application: { odoo: { policy, sids, reader } }, ownership } },
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
function readableSids({ profile, release, reader }: RunOptions): readonly SidKind[] | null {
  const { open, fixed } = reader;
  if (fixed.sids !== undefined) return fixed.sids;
  if (release !== null) return open?.releases.find(({ name }) => name === release)?.sids ?? profile.sids;
  const isUndecided = open !== null && open.releases.length > 0 && open.plain.name !== 'generic';
  return isUndecided ? null : profile.sids;
}

/** What a release of an undecided module reads at best: the kinds of ids of the one that reads most logins. */
function bestSids({ reader }: RunOptions, signs: StoreSigns): readonly SidKind[] {
  const releases = reader.open?.releases ?? [];
  const sorted = releases.map(({ sids }) => sids).sort((a, b) => shareOf(signs, b) - shareOf(signs, a));
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
export function checkReader(signs: StoreSigns, options: RunOptions): string[] {
  const { profile, release, hasSidsOption } = options;
  const { application } = options.pass.lanes;
  if (!('odoo' in application)) return gapsOf(application, profile.note);
  const name = release ?? profile.name;
  const kinds = [...signs.names.keys()];
  if (profile.fitsNoStore !== undefined && !hasSidsOption && kinds.length > 0) {
    throw refused(`${profile.name} fits no store: ${profile.fitsNoStore}; choose another --profile`);
  }
  const { sids } = odooSettingsOf(options.pass.lanes);
  if (kinds.length > 0 && kinds.every((kind) => !sids.includes(kind))) {
    if (rejectsOdoo18(profile, signs, hasSidsOption)) throw refused(odoo18Message(profile));
    throw refused(
      `the ids in this store have ${lengths(kinds)} characters, and ${name} accepts only ${lengths(sids)}: every user would ` +
        'be logged out; choose the profile of the module that will read them, or patch its is_valid_key to accept them and ' +
        'name their length by --sids',
    );
  }
  if (rejectsOdoo18(profile, signs, hasSidsOption)) throw refused(odoo18Message(profile));
  const warnings = [
    ...warningOfDead(signs, options, name),
    ...warningOfUnknown(signs),
    ...warningOfWrappers(signs, options),
  ];
  if (profile.note !== undefined) warnings.push(`${name}: ${profile.note}`);
  return warnings;
}

/** @throws {OperatorError} where most logins of the store are none to a reader that is known */
function warningOfDead(signs: StoreSigns, options: RunOptions, name: string): string[] {
  const readable = readableSids(options);
  const sids = readable ?? bestSids(options, signs);
  const dead = [...signs.names.keys()].filter((kind) => !sids.includes(kind));
  const share = shareOf(signs, dead);
  if (dead.length === 0 || share < WARNED_SHARE) return [];
  const seen = [...signs.logins.values()].reduce((sum, count) => sum + count, 0);
  const seenDead = dead.reduce((sum, kind) => sum + (signs.logins.get(kind) ?? 0), 0);
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
  if (share >= REFUSED_SHARE && seen >= ENOUGH_LOGINS && !options.hasSidsOption) {
    throw refused(
      `${consequence}; choose the release that will read them, or say by --sids ${lengths(sids, ',')} that they may`,
    );
  }
  return [`${consequence}, unless that is another release (see: sess2redis profiles)`];
}

/** Odoo 11 and 12 write the same files, and only one of their modules has a form for some types. */
function warningOfWrappers({ live, wrapped }: StoreSigns, { profile, reader: { open } }: RunOptions): string[] {
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

function warningOfUnknown({ names, unknownNames }: StoreSigns): string[] {
  const known = [...names.values()].reduce((sum, count) => sum + count, 0);
  const share = unknownNames / (known + unknownNames || 1);
  if (share < WARNED_SHARE) return [];
  return [
    `some ${percent(share)} of the names (${formatCount(unknownNames)} looked at) are like session ids of a length that this ` +
      'program does not know: they stay behind as foreign',
  ];
}

function rejectsOdoo18(profile: Profile, { odoo18, odoo19 }: StoreSigns, isVouchedFor: boolean): boolean {
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

/** What is to be said of an application that a template describes: its note, and lifetimes that are far apart. */
function gapsOf(settings: TemplateSettings, note: string | undefined): string[] {
  const gap = lifetimeGap(templatedApplication(settings));
  return [...(note === undefined ? [] : [`${settings.template.name}: ${note}`]), ...(gap === '' ? [] : [gap])];
}

/** Lifetimes that differ by more than this factor are named before a run. */
const MOST_FACTOR = 2;

/**
 * A sentence where the reader will give sessions another life than their files have; empty where the two are near, or
 * one is not known. The copies get what the files say; the reader's own counts from a user's next request on.
 */
export function lifetimeGap({
  title,
  store,
  reader,
}: {
  title: string;
  store: Pick<StoreRules, 'lifetimeMs'>;
  reader: Pick<ReaderRules, 'lifetimeMs'>;
}): string {
  const factor = reader.lifetimeMs / store.lifetimeMs;
  if (Number.isNaN(factor) || (factor <= MOST_FACTOR && factor >= 1 / MOST_FACTOR)) return '';
  const effect = factor < 1 ? 'idle users are logged out sooner' : 'sessions stay in Redis longer';
  return `${title}: files live for ${formatDuration(store.lifetimeMs)}, and from the next request of a user on the reader gives ${formatDuration(reader.lifetimeMs)}, so ${effect} than before: set both alike if that is not meant`;
}
