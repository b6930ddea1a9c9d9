import { maskSid } from '../../masking.js';
import type { KeyForm } from './key-splits.js';
import { type Lives, matchingProfiles, type ValueFormats } from './match-profile.js';
import { SID_PLACEHOLDER } from './profile.js';
import { sidLength } from './sid-kinds.js';

/** Values that must be sessions before a finding is called certain. */
const ENOUGH_SESSIONS = 10;
const NEARLY_ALL = 0.95;

/** Sessions of one reader in one database. Holds no session id; texts are fit to be shown. */
export interface DetectedReader {
  database: number;
  /** `generic` where no profile knows the keys. */
  profile: string;
  /** Other profiles that read the same keys and values. */
  alternatives: string[];
  prefix: string;
  /** The key with `{sid}` in the id's place. */
  keyTemplate: string;
  /** Null where no value could be read. */
  encoding: 'json' | 'pickle' | null;
  /** Lengths of the ids. */
  sids: number[];
  /** Such keys in the whole database, extrapolated from those looked at. */
  keys: number;
  /** Such keys that were looked at; of these, values read; of these, sessions. */
  sampled: number;
  read: number;
  decoded: number;
  confidence: 'certain' | 'likely' | 'possible';
  /**
   * How long the reader lets a login and a visitor live, and whether a mere read renews that; null where none is known.
   */
  lifetimeMs: number | null;
  anonymousLifetimeMs: number | null;
  renewsOnRead: boolean | null;
  /** The longest life that was left to a login and to a visitor; null where none could be measured. */
  longestLifeMs: number | null;
  longestAnonymousLifeMs: number | null;
  /** What a command line needs to name this reader; the database goes into the URL. */
  options: string[];
}

/**
 * What a template's values make of it, or null where they are no sessions.
 * @param extrapolation keys per key looked at
 */
export function detectedReaderOf(
  template: KeyForm,
  formats: ValueFormats,
  database: number,
  extrapolation: number,
): DetectedReader | null {
  const decoded = formats.json + formats.pickle;
  if (formats.seen > 0 && decoded === 0) return null;
  const [best, ...others] = matchingProfiles(template, formats, database);
  const encoding = formats.seen === 0 ? null : formats.pickle > formats.json ? 'pickle' : 'json';
  const keyTemplate = maskSid(textOf(template.before)) + SID_PLACEHOLDER + maskSid(textOf(template.after));
  const isGeneric = best === undefined;
  const prefix = textOf(best?.prefix ?? '');
  return {
    database,
    profile: best?.profile.name ?? 'generic',
    alternatives: others.map(({ profile }) => profile.name),
    prefix,
    keyTemplate,
    encoding,
    sids: [...template.kinds].map(sidLength).sort((a, b) => a - b),
    keys: Math.round(template.keys.length * extrapolation),
    sampled: template.keys.length,
    read: formats.seen,
    decoded,
    confidence: confidenceOf(
      formats,
      best?.isContradicted === true,
      isGeneric ? 0 : others.filter(({ profile }) => !profile.name.startsWith('mangono')).length,
    ),
    lifetimeMs: best?.profile.authenticatedLifetimeMs ?? null,
    anonymousLifetimeMs: best?.profile.anonymousLifetimeMs ?? null,
    renewsOnRead: best?.profile.renewsOnRead ?? null,
    longestLifeMs: longestOf(formats.logins),
    longestAnonymousLifeMs: longestOf(formats.visitors),
    options: isGeneric
      ? ['--profile', 'generic', '--key-template', keyTemplate, ...(encoding === null ? [] : ['--encoding', encoding])]
      : ['--profile', best.profile.name, ...(prefix === '' ? [] : ['--prefix', prefix])],
  };
}

/** Findings of the masters of a cluster as those of one database: alike where reader, key and encoding are. */
export function mergeDetectedReaders(findings: readonly DetectedReader[]): DetectedReader[] {
  const merged = new Map<string, DetectedReader>();
  for (const finding of findings) {
    const { database, keyTemplate, encoding, options } = finding;
    const place = JSON.stringify([database, keyTemplate, encoding, options]);
    const known = merged.get(place);
    if (known === undefined) merged.set(place, { ...finding });
    else addTo(known, finding);
  }
  return [...merged.values()];
}

function addTo(known: DetectedReader, other: DetectedReader): void {
  known.keys += other.keys;
  known.sampled += other.sampled;
  known.read += other.read;
  known.decoded += other.decoded;
  known.sids = [...new Set([...known.sids, ...other.sids])].sort((a, b) => a - b);
  known.longestLifeMs = longer(known.longestLifeMs, other.longestLifeMs);
  known.longestAnonymousLifeMs = longer(known.longestAnonymousLifeMs, other.longestAnonymousLifeMs);
  if (other.confidence === 'certain') known.confidence = 'certain';
}

function longestOf({ known, longestMs }: Lives): number | null {
  return known === 0 ? null : longestMs;
}

function longer(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

/** @param rivals other profiles that would read the same and write otherwise */
function confidenceOf(
  { seen, json, pickle }: ValueFormats,
  isContradicted: boolean,
  rivals: number,
): DetectedReader['confidence'] {
  const decoded = json + pickle;
  const purest = Math.max(json, pickle);
  if (seen === 0 || decoded < seen / 2) return 'possible';
  return rivals === 0 && !isContradicted && decoded >= ENOUGH_SESSIONS && purest >= seen * NEARLY_ALL
    ? 'certain'
    : 'likely';
}

function textOf(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
