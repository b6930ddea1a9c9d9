import { MODULES } from '../profiles/known.js';
import type { Module } from '../profiles/module.js';
import type { Profile } from '../profiles/profile.js';
import { contradicts, lifeFit } from './life-fit.js';
import type { Template } from './templates.js';
import type { ValueFormats } from './value-format.js';

/** A profile whose reader would find these keys and read their values, and the prefix that it takes. */
export interface ProfileMatch {
  profile: Profile;
  prefix: string;
  /** Keys live longer than this reader lets them by default. */
  isContradicted: boolean;
}

/** Stands for the prefix while a profile is asked where it puts one. */
const MARK = '\0';

/**
 * The profiles that read such keys, the likeliest first; none where only `generic` does. Those that merely take what
 * others spell out for a prefix are left out.
 */
export function matchingProfiles(template: Template, formats: ValueFormats, database: number): ProfileMatch[] {
  const matches: (ProfileMatch & { literal: number })[] = [];
  for (const module of MODULES) {
    const profile = readerIn(module, template, formats);
    if (profile === null) continue;
    const prefix = prefixOf(profile, template);
    if (prefix === null || !isTakenBare(profile, prefix, database)) continue;
    const literal = template.before.length - prefix.length;
    matches.push({ profile, prefix, isContradicted: contradicts(profile, formats), literal });
  }
  const literal = Math.max(...matches.map((match) => match.literal));
  const rank = ({ profile }: ProfileMatch) =>
    lifeFit(profile, formats) * 4 +
    (profile.databaseIndex === database ? 2 : 0) +
    (writesLike(profile, formats) ? 1 : 0);
  return matches.filter((match) => match.literal === literal).sort((a, b) => rank(b) - rank(a));
}

/**
 * What of a module reads such keys: the plain profile, which leaves its release to the store, or the one release whose
 * lifetimes or renewal are others; null where nothing does.
 */
function readerIn({ plain, releases }: Module, template: Template, formats: ValueFormats): Profile | null {
  // Its keys and values are those of the module in its other mode, and `generic` reads everything.
  if (plain.name === 'generic' || plain.name === 'camptocamp-absolute') return null;
  const able = releases.filter((release) => reads(release, template, formats));
  const [first] = able;
  if (first === undefined) return reads(plain, template, formats) ? plain : null;
  return able.every((release) => livesLike(release, plain)) ? plain : first;
}

function livesLike(one: Profile, other: Profile): boolean {
  return (
    one.authenticatedLifetimeMs === other.authenticatedLifetimeMs &&
    one.anonymousLifetimeMs === other.anonymousLifetimeMs &&
    one.renewsOnRead === other.renewsOnRead
  );
}

/**
 * Whether a prefix without any other sign of the module tells the module: not where it stands in place of the module's own
 * word, and JSON only in the module's database.
 */
function isTakenBare({ keyBefore, encoding, databaseIndex }: Profile, prefix: string, database: number): boolean {
  if (keyBefore('') !== '') return prefix === '' || keyBefore(MARK).length > MARK.length + 1;
  if (encoding === 'pickle') return true;
  return database === databaseIndex && (prefix === '' || prefix.endsWith(':'));
}

function reads(profile: Profile, { kinds }: Template, { seen, json, pickle, highestProtocol }: ValueFormats): boolean {
  if (![...kinds].every((kind) => profile.sids.includes(kind))) return false;
  if (seen === 0) return true;
  const isPickle = pickle > json;
  if (isPickle !== (profile.encoding === 'pickle')) return false;
  return !isPickle || highestProtocol <= profile.pickleProtocol;
}

/** keerati and Smile's first releases pickle by Python 2's default, protocol 0; the others by the highest there is. */
function writesLike({ name, pickleProtocol }: Profile, { pickle, lowestProtocol, highestProtocol }: ValueFormats) {
  if (pickle === 0) return true;
  if (lowestProtocol < 2) return name === 'keerati' || name === 'smile';
  return name !== 'keerati' && highestProtocol === pickleProtocol;
}

/** The prefix with which the profile's keys are the template's, or null. */
function prefixOf(profile: Profile, { before, after }: Template): string | null {
  if (profile.keyBefore('') === before && profile.keyAfter('') === after) return '';
  const [head = '', tail] = profile.keyBefore(MARK).split(MARK);
  if (tail === undefined || before.length <= head.length + tail.length) return null;
  if (!before.startsWith(head) || !before.endsWith(tail)) return null;
  const prefix = before.slice(head.length, before.length - tail.length);
  return profile.keyAfter(prefix) === after ? prefix : null;
}
