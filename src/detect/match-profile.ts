import { KNOWN_PROFILES } from '../profiles/known.js';
import type { Profile } from '../profiles/profile.js';
import type { Template } from './templates.js';
import type { ValueFormats } from './value-format.js';

/** A profile whose reader would find these keys and read their values, and the prefix that it takes. */
export interface ProfileMatch {
  profile: Profile;
  prefix: string;
}

/** Stands for the prefix while a profile is asked where it puts one. */
const MARK = '\0';

/**
 * The profiles that read such keys, the likeliest first; none where only `generic` does. Those that merely take what
 * others spell out for a prefix are left out.
 */
export function matchingProfiles(template: Template, formats: ValueFormats, database: number): ProfileMatch[] {
  const matches: (ProfileMatch & { literal: number })[] = [];
  for (const profile of KNOWN_PROFILES) {
    if (profile.name === 'generic' || !reads(profile, template, formats)) continue;
    const prefix = prefixOf(profile, template);
    if (prefix !== null) matches.push({ profile, prefix, literal: template.before.length - prefix.length });
  }
  const literal = Math.max(...matches.map((match) => match.literal));
  const rank = ({ profile }: ProfileMatch) =>
    (profile.databaseIndex === database ? 2 : 0) + (writesLike(profile, formats) ? 1 : 0);
  return matches.filter((match) => match.literal === literal).sort((a, b) => rank(b) - rank(a));
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
