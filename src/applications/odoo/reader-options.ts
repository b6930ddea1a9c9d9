import { quote } from '../../errors.js';
import type { OptionValues } from '../option-values.js';
import { readSelection } from '../option-values.js';
import type { Selection } from '../template.js';
import type { ReaderEncoding } from './encode-value.js';
import type { Lifetimes } from './plan.js';
import {
  type Module,
  PREFIX_PLACEHOLDER,
  type Profile,
  releaseFor,
  SID_PLACEHOLDER,
  splitTemplate,
  type ValueEncoding,
} from './profile.js';
import { KNOWN_PROFILES, MODULES, moduleNamed, profileNamed } from './profiles.js';
import { SERIES, seriesWord } from './series.js';
import type { SidKind } from './sid-kinds.js';

/** What the operator says about the reader by options that override the profile; undefined where none is given. */
export interface FixedByOperator {
  sids: readonly SidKind[] | undefined;
  authenticatedLifetimeMs: number | undefined;
  anonymousLifetimeMs: number | undefined;
}

/** The reader that the operator named, and what of the store it is to read. */
export interface NamedReader {
  profile: Profile;
  /** The module whose release is chosen by what the store holds; null where the operator named the release. */
  open: Module | null;
  fixed: FixedByOperator;
  prefix: string;
  /** Whether the operator chose the prefix, if only an empty one. */
  isPrefixGiven: boolean;
  selection: Selection;
  /** Only sessions of these databases; empty for all. */
  databases: readonly string[];
}

/** The reader as it is after a look at the store. */
export interface SettledReader {
  named: NamedReader;
  /** How values are made and how long they live. */
  profile: Profile;
  /** The release that the store shows, by its name; null where the operator's word says it all. */
  release: string | null;
}

/** What a pass takes from a profile, except the key. */
export interface ReaderSettings {
  lifetimes: Lifetimes;
  sids: readonly SidKind[];
  reader: ReaderEncoding;
  /** For at most how long a reader renews a key when it reads it, in milliseconds; 0 for one that renews nothing. */
  renewalMs: number;
}

export function readerSettings(profile: Profile, fixed: FixedByOperator): ReaderSettings {
  const { encoding, pickleProtocol, oldestVerbatimProtocol, honoursExpiration } = profile;
  const authenticatedLifetimeMs = fixed.authenticatedLifetimeMs ?? profile.authenticatedLifetimeMs;
  const anonymousLifetimeMs = fixed.anonymousLifetimeMs ?? profile.anonymousLifetimeMs;
  return {
    lifetimes: { authenticatedLifetimeMs, anonymousLifetimeMs, honoursExpiration },
    renewalMs: profile.renewsOnRead ? Math.max(authenticatedLifetimeMs, anonymousLifetimeMs) : 0,
    sids: fixed.sids ?? profile.sids,
    reader: { encoding, pickleProtocol, oldestVerbatimProtocol },
  };
}

/** The reader that `--profile`, `--odoo` and the options of the generic reader name. */
export function readNamedReader(read: OptionValues): NamedReader {
  const fixed: FixedByOperator = {
    sids: readSids(read),
    authenticatedLifetimeMs: read.quantity('lifetime'),
    anonymousLifetimeMs: read.quantity('anonymous-lifetime'),
  };
  const { profile, open } = readRelease(read);
  return {
    profile,
    open,
    fixed,
    prefix: readPrefix(read, profile),
    isPrefixGiven: read.isGiven('prefix'),
    selection: readSelection(read),
    databases: read.list('odoo-db'),
  };
}

function readRelease(read: OptionValues): Pick<NamedReader, 'profile' | 'open'> {
  const named = readProfile(read);
  const module = moduleNamed(named.name);
  // A benchmark takes it for the sessions that it makes, which says nothing about their reader.
  const odoo = read.command === 'bench' ? undefined : read.text('odoo');
  if (odoo === undefined) return { profile: named, open: module ?? null };
  // In an export, `--odoo` names the Odoo that will read the files: it says less about the module that wrote the keys.
  return read.command === 'export'
    ? { profile: forExport(named, module, odoo), open: null }
    : { profile: forOdoo(read, named, module, odoo), open: null };
}

/** The release of the named profile that runs on an Odoo. */
function forOdoo(read: OptionValues, named: Profile, module: Module | undefined, odoo: string): Profile {
  const series = SERIES.find(({ name }) => name === seriesWord(odoo));
  if (series === undefined) {
    read.faults.add(`--odoo is ${quote(odoo)}: choose one of ${SERIES.map(({ name }) => name).join(', ')}`);
    return named;
  }
  const number = Number(series.name);
  const release =
    module === undefined ? releaseFor({ plain: named, releases: [] }, number) : releaseFor(module, number);
  if (release === undefined) {
    read.faults.add(
      `${named.name} does not run on Odoo ${series.name}, but on ${named.odoo}: choose another --profile or --odoo`,
    );
    return named;
  }
  if (named.name !== 'generic') return release;
  const sids = series.inherited === undefined ? [series.sids] : [series.inherited, series.sids];
  const { pickleProtocol, oldestVerbatimProtocol } = release;
  return { ...named, pickleProtocol, oldestVerbatimProtocol, sids };
}

/** The profile for an export: lifetimes of the release, but any value that some release has written is accepted. */
function forExport(named: Profile, module: Module | undefined, odoo: string): Profile {
  const release = module === undefined ? undefined : releaseFor(module, Number(seriesWord(odoo)));
  if (release === undefined || named.name === 'generic') return named;
  const { authenticatedLifetimeMs, anonymousLifetimeMs, honoursExpiration, renewsOnRead } = release;
  return { ...named, authenticatedLifetimeMs, anonymousLifetimeMs, honoursExpiration, renewsOnRead };
}

function readProfile(read: OptionValues): Profile {
  const name = read.text('profile') as string;
  const profile = profileNamed(name);
  const template = read.text('key-template');
  const encoding = read.choice('encoding') as ValueEncoding;
  const honours = read.flag('honour-expiration');
  if (profile === undefined) {
    const names = KNOWN_PROFILES.map((known) => known.name).join(', ');
    read.faults.add(`--profile is ${quote(name)}: choose one of ${names}`);
    return (MODULES[0] as Module).plain;
  }
  if (profile.name !== 'generic') {
    if (template !== undefined || read.isGiven('encoding') || honours) {
      read.faults.add(`--key-template, --encoding and --honour-expiration go with --profile generic, not with ${name}`);
    }
    return profile;
  }
  const chosen: Profile = { ...profile, encoding, honoursExpiration: honours };
  if (template === undefined) return chosen;
  if (template.split(SID_PLACEHOLDER).length !== 2) {
    read.faults.add(`--key-template is ${quote(template)}: name ${SID_PLACEHOLDER} in it once, as in 'session:{sid}'`);
  }
  return { ...chosen, ...splitTemplate(template) };
}

/** The key prefix. One that the reader's key has no place for, or that repeats words of the key, is a fault. */
function readPrefix(read: OptionValues, profile: Profile): string {
  const prefix = read.text('prefix') ?? '';
  const hasPlace =
    profile.keyBefore(prefix) !== profile.keyBefore('') || profile.keyAfter(prefix) !== profile.keyAfter('');
  if (prefix !== '' && !hasPlace) {
    const advice = profile.name === 'generic' ? `put ${PREFIX_PLACEHOLDER} into --key-template` : 'leave it out';
    read.faults.add(`--prefix has no place in the keys of ${profile.name}: ${advice}`);
  }
  const bare = withoutOwnWords(prefix, profile);
  if (bare !== prefix) {
    const key = `${profile.keyBefore(bare)}<sid>${profile.keyAfter(bare)}`;
    read.faults.add(
      `--prefix is ${quote(prefix)}, but a key of ${profile.name} has its own words around the prefix, as in ${key}: ` +
        `${bare === '' ? 'leave --prefix out' : `write --prefix ${bare}`}, or name the whole key by --profile generic and --key-template`,
    );
  }
  return prefix;
}

/** Stand for a prefix and an id in a key: neither has such characters. */
const [PLACE, SID] = ['\0', '\x01'];

/** A prefix without what the reader's key itself puts before and behind it, if it is repeated there. */
function withoutOwnWords(prefix: string, { keyBefore, keyAfter }: Profile): string {
  const parts = `${keyBefore(PLACE)}${SID}${keyAfter(PLACE)}`.split(PLACE);
  if (parts.length !== 2) return prefix;
  const before = parts[0]?.split(SID).at(-1) ?? '';
  const behind = parts[1]?.split(SID)[0] ?? '';
  let bare = prefix;
  // `session::` is `session` with its separator doubled.
  const word = before.replace(/:+$/, ':');
  if (word !== '' && bare.startsWith(word)) bare = bare.slice(word.length).replace(/^:+/, '');
  if (behind !== '' && bare.endsWith(behind)) bare = bare.slice(0, -behind.length);
  if (behind.startsWith(':')) bare = bare.replace(/:+$/, '');
  return bare;
}

const KIND_OF_LENGTH = new Map<string, SidKind>([
  ['40', 'hex40'],
  ['84', 'urlsafe84'],
  ['86', 'urlsafe86'],
]);

function readSids(read: OptionValues): SidKind[] | undefined {
  const text = read.text('sids');
  const kinds = text?.split(',').map((length) => KIND_OF_LENGTH.get(length.trim()));
  if (kinds?.includes(undefined))
    read.faults.add(`--sids is ${quote(text)}: write lengths out of 40, 84 and 86, as in 40,84`);
  return kinds?.filter((kind) => kind !== undefined);
}
