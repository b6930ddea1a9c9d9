import { MalformedSession, UnsupportedSession } from '../../errors.js';
import { PyDict } from '../../python/values.js';
import { newFacts, resetFacts, type SessionFacts } from '../../session.js';
import type { KeyForm } from './key-splits.js';
import { pickleProtocolOf, SessionParser } from './parse.js';
import type { Module, Profile } from './profile.js';
import { MODULES } from './profiles.js';

type Lifetimes = Pick<Profile, 'authenticatedLifetimeMs' | 'anonymousLifetimeMs'>;

/** So many lives must be known before the longest of them says how long the others may be. */
const ENOUGH_LIVES = 10;

/** Where sessions come and go, the longest life that is left is nearly a whole one. */
const NEARLY_WHOLE = 0.9;

/** Whether sessions have more life left than a reader gives them; its operator may have set other lifetimes, too. */
function contradicts(lifetimes: Lifetimes, { logins, visitors }: ValueFormats): boolean {
  return logins.longestMs > lifetimes.authenticatedLifetimeMs || visitors.longestMs > lifetimes.anonymousLifetimeMs;
}

/**
 * How well lives that were measured go with a reader's lifetimes: -1 where they are longer, else of how many of its two
 * lifetimes the longest left is nearly all. An idle site, where all lives are short, fits every reader alike.
 */
function lifeFit(lifetimes: Lifetimes, formats: ValueFormats): number {
  if (contradicts(lifetimes, formats)) return -1;
  const isNearly = ({ known, longestMs }: Lives, lifetimeMs: number) =>
    known >= ENOUGH_LIVES && longestMs > lifetimeMs * NEARLY_WHOLE;
  const { authenticatedLifetimeMs, anonymousLifetimeMs } = lifetimes;
  return (
    Number(isNearly(formats.logins, authenticatedLifetimeMs)) + Number(isNearly(formats.visitors, anonymousLifetimeMs))
  );
}

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
export function matchingProfiles(template: KeyForm, formats: ValueFormats, database: number): ProfileMatch[] {
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
function readerIn({ plain, releases }: Module, template: KeyForm, formats: ValueFormats): Profile | null {
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
 * Whether a prefix without any other sign of the module tells the module: not where it stands in place of the module's
 * own word, and JSON only in the module's database.
 */
function isTakenBare({ keyBefore, encoding, databaseIndex }: Profile, prefix: string, database: number): boolean {
  if (keyBefore('') !== '') return prefix === '' || keyBefore(MARK).length > MARK.length + 1;
  if (encoding === 'pickle') return true;
  return database === databaseIndex && (prefix === '' || prefix.endsWith(':'));
}

function reads(profile: Profile, { kinds }: KeyForm, { seen, json, pickle, highestProtocol }: ValueFormats): boolean {
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
function prefixOf(profile: Profile, { before, after }: KeyForm): string | null {
  if (profile.keyBefore('') === before && profile.keyAfter('') === after) return '';
  const [head = '', tail] = profile.keyBefore(MARK).split(MARK);
  if (tail === undefined || before.length <= head.length + tail.length) return null;
  if (!before.startsWith(head) || !before.endsWith(tail)) return null;
  const prefix = before.slice(head.length, before.length - tail.length);
  return profile.keyAfter(prefix) === after ? prefix : null;
}

/** What the sampled values of a template are. */
export interface ValueFormats {
  /** Values that could be read at all. */
  seen: number;
  /** Those that are sessions in JSON, and in pickle. */
  json: number;
  pickle: number;
  /** The lowest and the highest protocol of the pickles; -1 without any. 1 stands for 0 as well. */
  lowestProtocol: number;
  highestProtocol: number;
  /** What was left of the lives of logins and of visitors. */
  logins: Lives;
  visitors: Lives;
}

/** Some keys' remaining lives: how many are known, and the longest of them in milliseconds. */
export interface Lives {
  known: number;
  longestMs: number;
}

/** Keys of which every Odoo puts some into each session. */
const SESSION_KEYS = ['uid', 'db', 'login', 'context', 'session_token'];

/**
 * Tells sessions among values, by the same parser that reads session files.
 *
 * @param livesMs what is left of each value's life, below zero where that is unknown
 */
export function formatsOf(values: readonly (Uint8Array | null)[], livesMs: readonly number[] = []): ValueFormats {
  const lives = () => ({ known: 0, longestMs: 0 });
  const formats: ValueFormats = {
    ...{ seen: 0, json: 0, pickle: 0, lowestProtocol: -1, highestProtocol: -1 },
    ...{ logins: lives(), visitors: lives() },
  };
  const parser = new SessionParser();
  const facts = newFacts();
  for (const [i, value] of values.entries()) {
    if (value === null) continue;
    formats.seen++;
    const found = formats.json + formats.pickle;
    try {
      const root = parser.parse(value, value.length, resetFacts(facts));
      if (facts.format === 'json') {
        if (hasSessionKey(value)) formats.json++;
      } else if (root instanceof PyDict && SESSION_KEYS.some((key) => root.has(key))) {
        const protocol = pickleProtocolOf(value);
        formats.pickle++;
        formats.lowestProtocol = formats.lowestProtocol < 0 ? protocol : Math.min(formats.lowestProtocol, protocol);
        formats.highestProtocol = Math.max(formats.highestProtocol, protocol);
      }
      if (formats.json + formats.pickle > found) noteLife(formats, facts, livesMs[i] ?? -1);
    } catch (error) {
      if (!(error instanceof MalformedSession || error instanceof UnsupportedSession)) throw error;
    }
  }
  return formats;
}

/** A session's own `expiration` says nothing about the lifetimes of its reader. */
function noteLife(formats: ValueFormats, { isAuthenticated, expirationSeconds }: SessionFacts, lifeMs: number): void {
  if (lifeMs < 0 || !Number.isNaN(expirationSeconds)) return;
  const lives = isAuthenticated ? formats.logins : formats.visitors;
  lives.known++;
  lives.longestMs = Math.max(lives.longestMs, lifeMs);
}

function hasSessionKey(json: Uint8Array): boolean {
  const text = Buffer.from(json.buffer, json.byteOffset, json.length);
  return SESSION_KEYS.some((key) => text.includes(`"${key}"`));
}
