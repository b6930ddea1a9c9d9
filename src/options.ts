import { createHash } from 'node:crypto';
import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LaneSettings, Shard } from './lane/settings.js';
import { Faults, OptionReader, quote } from './options-reader.js';
import { type RawOptions, withEnvironment } from './options-table.js';
import { readTarget } from './options-target.js';
import { PREFIX_PLACEHOLDER, SID_PLACEHOLDER, splitTemplate } from './profiles/generic.js';
import { KNOWN_PROFILES, profileNamed } from './profiles/known.js';
import { keyTemplateOf, type Profile, type ValueEncoding } from './profiles/profile.js';
import { parseBytes, parseCount, parseDurationMs } from './quantities.js';
import type { PassOptions } from './run.js';
import type { SidKind } from './session.js';
import { describeEndpoint, type Endpoint } from './target/endpoint.js';

/**
 * Threads that `--lanes auto` starts with and may grow to. Measured on two cores: on a warm cache 2 to 4 are alike, on a
 * cold disk 4 take 7.3 s where 8 take 6.7 s and 16 take 8.1 s; each costs some 11 MB.
 */
const FIRST_AUTO_LANES = 4;
const MAX_AUTO_LANES = 8;
const MAX_LANES = 128;
const DEFAULT_MAX_FILE_BYTES = 2 ** 20;

/** Options that are checked and complete. */
export interface RunOptions {
  /** What the operator named; not yet looked at. */
  patterns: readonly string[];
  profile: Profile;
  prefix: string;
  target: Endpoint | null;
  isDryRun: boolean;
  /** Everything of a pass but its sources. */
  pass: Omit<PassOptions, 'lanes'> & { lanes: Omit<LaneSettings, 'sources'> };
  /** Whether the operator vouched for the ids that the reader accepts. */
  hasSidsOption: boolean;
  failIfEmpty: boolean;
  isJson: boolean;
  stateDir: string;
  log: { level: string | undefined; file: string | undefined };
}

/**
 * Checks the options of a command and fills in every default. @param needsTarget whether the command writes
 * @throws {OperatorError} with exit code 2 and all faults in one message
 */
export function parseOptions(
  patterns: readonly string[],
  cli: RawOptions,
  environment: NodeJS.ProcessEnv,
  needsTarget: boolean,
): RunOptions {
  const faults = new Faults();
  const read = new OptionReader(withEnvironment(cli, environment), faults);

  const profile = readProfile(read);
  const prefix = readPrefix(read, profile);
  const target = readTarget(read, 'to', environment, profile, needsTarget);
  const isDryRun = read.flag('dry-run') || !needsTarget;
  const sids = readSids(read);
  const lanes = readLanes(read);
  const options: RunOptions = {
    patterns,
    profile,
    prefix,
    target,
    isDryRun,
    hasSidsOption: sids !== undefined,
    failIfEmpty: read.flag('fail-if-empty'),
    isJson: read.flag('json'),
    stateDir: resolve(read.text('state-dir') ?? defaultStateDir(patterns, target, profile, environment)),
    log: { level: read.text('log-level'), file: read.text('log-file') },
    pass: {
      laneCount: lanes,
      ratePerSecond: read.quantity(
        'rate',
        parseCount,
        0.001,
        'sessions per second, as in 5k',
        Number.POSITIVE_INFINITY,
      ),
      maxEntries: read.quantity(
        'limit',
        wholeCount,
        1,
        'a whole number of entries, as in 1000',
        Number.POSITIVE_INFINITY,
      ),
      maxRejects: read.quantity('max-rejects', wholeCount, 0, 'a whole number, as in 100', Number.POSITIVE_INFINITY),
      lanes: {
        policy: {
          authenticatedLifetimeMs: readLifetime(read, 'lifetime', profile.authenticatedLifetimeMs),
          anonymousLifetimeMs: readLifetime(read, 'anonymous-lifetime', profile.anonymousLifetimeMs),
          honoursExpiration: profile.honoursExpiration,
          anonymous: read.choice('anonymous', ['keep', 'skip'], 'keep'),
          databases: read.list('odoo-db'),
          maxAgeMs: read.quantity('max-age', parseDurationMs, 1, 'a time, as in 2d or 12h', Number.POSITIVE_INFINITY),
        },
        key: keyTemplateOf(profile, prefix),
        sids: sids ?? profile.sids,
        reader: {
          encoding: profile.encoding,
          pickleProtocol: profile.pickleProtocol,
          oldestVerbatimProtocol: profile.oldestVerbatimProtocol,
        },
        maxFileBytes: read.quantity('max-file-size', parseBytes, 1, 'a size, as in 1MiB', DEFAULT_MAX_FILE_BYTES),
        shard: readShard(read),
        conflict: read.choice('conflict', ['keep', 'overwrite'], 'keep'),
        target: isDryRun ? null : target,
      },
    },
  };
  read.choice('log-level', ['error', 'warn', 'info', 'debug'], 'info');
  if (options.pass.lanes.maxFileBytes > 2 ** 29) faults.add('--max-file-size is over 512MiB, the largest Redis value');
  faults.throwIfAny();
  return options;
}

function readProfile(read: OptionReader): Profile {
  const name = read.text('profile') ?? 'camptocamp';
  const profile = profileNamed(name);
  const template = read.text('key-template');
  const encoding: ValueEncoding = read.choice('encoding', ['json', 'pickle', 'verbatim'], 'json');
  if (profile === undefined) {
    const names = KNOWN_PROFILES.map((known) => known.name).join(', ');
    read.faults.add(`--profile is ${quote(name)}: choose one of ${names}`);
    return KNOWN_PROFILES[0] as Profile;
  }
  if (profile.name !== 'generic') {
    if (template !== undefined || read.text('encoding') !== undefined) {
      read.faults.add(`--key-template and --encoding go with --profile generic, not with ${name}`);
    }
    return profile;
  }
  if (template === undefined) return { ...profile, encoding };
  if (template.split(SID_PLACEHOLDER).length !== 2) {
    read.faults.add(`--key-template is ${quote(template)}: name ${SID_PLACEHOLDER} in it once, as in 'session:{sid}'`);
  }
  return { ...profile, encoding, ...splitTemplate(template) };
}

function readPrefix(read: OptionReader, profile: Profile): string {
  const prefix = read.text('prefix') ?? '';
  const hasPlace =
    profile.keyBefore(prefix) !== profile.keyBefore('') || profile.keyAfter(prefix) !== profile.keyAfter('');
  if (prefix !== '' && !hasPlace) {
    const advice = profile.name === 'generic' ? `put ${PREFIX_PLACEHOLDER} into --key-template` : 'leave it out';
    read.faults.add(`--prefix has no place in the keys of ${profile.name}: ${advice}`);
  }
  return prefix;
}

const KIND_OF_LENGTH = new Map<string, SidKind>([
  ['40', 'hex40'],
  ['84', 'urlsafe84'],
  ['86', 'urlsafe86'],
]);

function readSids(read: OptionReader): SidKind[] | undefined {
  const text = read.text('sids');
  const kinds = text?.split(',').map((length) => KIND_OF_LENGTH.get(length.trim()));
  if (kinds?.includes(undefined))
    read.faults.add(`--sids is ${quote(text)}: write lengths out of 40, 84 and 86, as in 40,84`);
  return kinds?.filter((kind) => kind !== undefined);
}

function readLifetime(read: OptionReader, name: 'lifetime' | 'anonymous-lifetime', fallback: number): number {
  return read.quantity(name, parseDurationMs, 1000, 'a time of at least a second, as in 7d or 3h', fallback);
}

function readLanes(read: OptionReader): PassOptions['laneCount'] {
  const text = read.text('lanes') ?? 'auto';
  if (text === 'auto') return { initial: FIRST_AUTO_LANES, max: Math.max(MAX_AUTO_LANES, availableParallelism()) };
  const count = wholeCount(text);
  if (!(count >= 1 && count <= MAX_LANES)) {
    read.faults.add(`--lanes is ${quote(text)}: write auto or a number from 1 to ${MAX_LANES}`);
  }
  return { initial: count, max: count };
}

/** `i/n`, counted from 1. `0/n` is the same part as `n/n`, so indices that count from 0 work as well. */
function readShard(read: OptionReader): Shard | null {
  const text = read.text('shard');
  if (text === undefined) return null;
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [index, of] = [Number(match?.[1]), Number(match?.[2])];
  if (!(of >= 1 && index <= of)) {
    read.faults.add(`--shard is ${quote(text)}: write part/parts, as in 1/3`);
    return null;
  }
  return { index: index % of, of };
}

function wholeCount(text: string): number {
  const count = parseCount(text);
  return Number.isInteger(count) ? count : Number.NaN;
}

/** One directory per combination of sources, target and profile, so that different runs never share state. */
function defaultStateDir(
  patterns: readonly string[],
  target: Endpoint | null,
  profile: Profile,
  environment: NodeJS.ProcessEnv,
): string {
  const base = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  const identity = [...patterns.map((pattern) => resolve(pattern)).sort(), profile.name];
  if (target !== null) identity.push(describeEndpoint(target));
  const fingerprint = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
  return join(base, 'sess2redis', fingerprint);
}
