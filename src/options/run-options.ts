import { resolve } from 'node:path';
import { keyTemplateOf, type Profile } from '../applications/odoo/profile.js';
import type { LaneSettings, Shard } from '../intake/settings.js';
import type { Endpoint } from '../redis/endpoint.js';
import { SHIFT_MS } from '../redis/ownership.js';
import type { PassOptions } from '../run.js';
import type { MaxDelete } from '../sync/logouts.js';
import { parseBytes, parseCount, parseDurationMs, parseWholeCount } from '../units.js';
import { defaultStateDir, type MetricsOptions, type OutputOptions, readMetrics, readOutput } from './output.js';
import { readLanes, readPace } from './pace.js';
import { Faults, OptionReader, quote } from './read.js';
import { type NamedReader, readerSettings, readNamedReader, readPrefix } from './selection.js';
import { type RawOptions, withEnvironment } from './table.js';
import { readTarget } from './target.js';

/** How often `sync` passes, and where in the cutover it stands. */
interface SyncOptions {
  /** From the end of one pass to the start of the next; null for a single pass. */
  everyMs: number | null;
  /** The pass in the freeze: every file is looked at. */
  isFinal: boolean;
  /** Redis is asked for every recorded key, and what it lacks or holds otherwise is brought there again. */
  isRepair: boolean;
  /** Odoo runs on the target from now on. */
  isCutoverDone: boolean;
}

/**
 * `5%` of the recorded sessions, or a number of them. By default so many, and at least a hundred, at most half of few.
 */
function readMaxDelete(read: OptionReader): MaxDelete {
  const text = read.text('max-delete');
  if (text === undefined) return { share: 0.05, least: 100, ofFew: 0.5 };
  const percent = text.endsWith('%') ? Number(text.slice(0, -1)) : Number.NaN;
  if (percent >= 0 && percent <= 100) return { share: percent / 100, least: 0, ofFew: 1 };
  const least = parseCount(text);
  if (!Number.isInteger(least))
    read.faults.add(`--max-delete is ${quote(text)}: write a share or a number of sessions, as in 5% or 1000`);
  return { share: 0, least, ofFew: 1 };
}

function readSync(read: OptionReader): SyncOptions {
  const everyMs = read.quantity('every', parseDurationMs, 1000, 'a time of at least a second, as in 5m', 0);
  const sync = {
    everyMs: everyMs || null,
    isFinal: read.flag('final'),
    isRepair: read.flag('repair'),
    isCutoverDone: read.flag('cutover-done'),
  };
  if (sync.isFinal && sync.everyMs !== null) read.faults.add('--final is a single pass: leave out --every');
  if (sync.isFinal && sync.isCutoverDone)
    read.faults.add('--final comes before the switch and --cutover-done after it: give one');
  if (sync.isRepair && sync.isCutoverDone)
    read.faults.add('--repair comes before the switch and --cutover-done after it: give one');
  return sync;
}

/** Redis keeps expiries to the millisecond; a second covers readers that set theirs in whole seconds. */
const DEFAULT_EXPIRY_TOLERANCE_MS = 1000;

/** What only `verify` asks. */
interface VerifyOptions {
  expiryToleranceMs: number;
  /** Sessions to draw; null for all. */
  sample: number | null;
}

function readVerifyOptions(read: OptionReader): VerifyOptions {
  const everyOne = Number.MAX_SAFE_INTEGER;
  const sample = read.quantity('sample', parseWholeCount, 1, 'a whole number of sessions, as in 3000', everyOne);
  return {
    expiryToleranceMs: read.quantity(
      'expiry-tolerance',
      parseDurationMs,
      0,
      'a time, as in 1s or 5m',
      DEFAULT_EXPIRY_TOLERANCE_MS,
    ),
    sample: sample === everyOne ? null : sample,
  };
}

const DEFAULT_MAX_FILE_BYTES = 2 ** 20;

/** Options that are checked and complete. */
export interface RunOptions extends OutputOptions {
  /** What the operator named; not yet looked at. */
  patterns: readonly string[];
  profile: Profile;
  /** The release of a plain profile that the store shows, by its name; null where the profile decides. */
  release: string | null;
  reader: NamedReader;
  prefix: string;
  /** Whether the operator chose the prefix, if only an empty one. */
  hasPrefixOption: boolean;
  target: Endpoint | null;
  isDryRun: boolean;
  /** Everything of a pass but its sources. */
  pass: Omit<PassOptions, 'lanes' | 'record' | 'pauses'> & { lanes: Omit<LaneSettings, 'sources'> };
  /** Whether the operator vouched for the ids that the reader accepts. */
  hasSidsOption: boolean;
  failIfEmpty: boolean;
  /** Pauses a run as long as it exists; null for none. */
  pauseFile: string | null;
  /** What the operator takes upon himself: a server that drops keys, or one that may run full. */
  acceptsEviction: boolean;
  skipsCapacityCheck: boolean;
  /** Null where none is named and this user has no home. */
  stateDir: string | null;
  maxDelete: MaxDelete;
  sync: SyncOptions;
  verify: VerifyOptions;
  log: { level: string | undefined; file: string | undefined };
  metrics: MetricsOptions;
}

/**
 * Checks the options of a command and fills in every default.
 * @param needsTarget whether the command can't do without one
 * @param targetOption by which option the target is named
 * @throws {OperatorError} with exit code 2 and all faults in one message
 */
export function parseOptions(
  patterns: readonly string[],
  cli: RawOptions,
  environment: NodeJS.ProcessEnv,
  needsTarget: boolean,
  targetOption: 'to' | 'from' = 'to',
): RunOptions {
  const faults = new Faults();
  const read = new OptionReader(withEnvironment(cli, environment), faults);

  const reader = readNamedReader(read, targetOption === 'from');
  const { profile } = reader;
  const prefix = readPrefix(read, profile);
  const target = readTarget(read, targetOption, environment, profile, needsTarget);
  const isDryRun = read.flag('dry-run') || !needsTarget;
  const lanes = readLanes(read);
  const pace = readPace(read);
  const shard = readShard(read);
  const settings = readerSettings(profile, reader.fixed);
  const options: RunOptions = {
    patterns,
    profile,
    release: null,
    reader,
    prefix,
    hasPrefixOption: read.text('prefix') !== undefined,
    target,
    isDryRun,
    hasSidsOption: reader.fixed.sids !== undefined,
    failIfEmpty: read.flag('fail-if-empty'),
    pauseFile: read.text('pause-file') ?? null,
    ...readOutput(read, environment),
    acceptsEviction: read.flag('accept-eviction'),
    skipsCapacityCheck: read.flag('skip-capacity-check'),
    maxDelete: readMaxDelete(read),
    sync: readSync(read),
    stateDir: readStateDir(read, () =>
      defaultStateDir(
        patterns,
        target,
        [keyTemplateOf(profile, prefix), read.list('odoo-db'), shard],
        profile,
        environment,
      ),
    ),
    verify: readVerifyOptions(read),
    log: { level: read.text('log-level'), file: read.text('log-file') },
    metrics: readMetrics(read),
    pass: {
      laneCount: lanes,
      pace,
      maxEntries: read.quantity(
        'limit',
        parseWholeCount,
        1,
        'a whole number of entries, as in 1000',
        Number.POSITIVE_INFINITY,
      ),
      maxRejects: read.quantity(
        'max-rejects',
        parseWholeCount,
        0,
        'a whole number, as in 100',
        Number.POSITIVE_INFINITY,
      ),
      lanes: {
        application: {
          odoo: {
            policy: {
              ...settings.lifetimes,
              anonymous: read.choice('anonymous', ['keep', 'skip'], 'keep'),
              databases: read.list('odoo-db'),
              maxAgeMs: read.quantity(
                'max-age',
                parseDurationMs,
                1,
                'a time, as in 2d or 12h',
                Number.POSITIVE_INFINITY,
              ),
            },
            sids: settings.sids,
            reader: settings.reader,
          },
        },
        key: keyTemplateOf(profile, prefix),
        maxFileBytes: read.quantity('max-file-size', parseBytes, 1, 'a size, as in 1MiB', DEFAULT_MAX_FILE_BYTES),
        shard,
        conflict: read.choice('conflict', ['keep', 'overwrite'], 'keep'),
        ownership: {
          renewalMs: settings.renewalMs,
          grainMs: 0,
          shiftMs: target?.discovery?.by === 'cluster' ? SHIFT_MS.cluster : SHIFT_MS.single,
        },
        weighsUnopened: false,
        giveUpAfterMs: pace.giveUpAfterMs,
        target: isDryRun ? null : target,
        ledger: null,
      },
    },
  };
  read.choice('log-level', ['error', 'warn', 'info', 'debug'], 'info');
  if (options.pass.lanes.maxFileBytes > 2 ** 29) faults.add('--max-file-size is over 512MiB, the largest Redis value');
  faults.throwIfAny();
  return options;
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

/** A default is only looked for where none is named. */
function readStateDir(read: OptionReader, byDefault: () => string | null): string | null {
  const named = read.text('state-dir');
  return named === undefined ? byDefault() : resolve(named);
}
