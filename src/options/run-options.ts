import { resolve } from 'node:path';
import type { ConfiguredReader } from '../applications/configured-reader.js';
import type { PoolOrder } from '../applications/server-pool.js';
import { Faults, quote } from '../errors.js';
import type { Shard } from '../intake/settings.js';
import type { LaneSettings } from '../lane/settings.js';
import type { Endpoint } from '../redis/endpoint.js';
import { SHIFT_MS } from '../redis/ownership.js';
import type { PassOptions } from '../run.js';
import type { MaxDelete } from '../sync/logouts.js';
import { accountNamed, isAccountNumber } from '../system/accounts.js';
import { parseCount } from '../units.js';
import { defaultStateDir, type MetricsOptions, type OutputOptions, readMetrics, readOutput } from './output.js';
import { readLanes, readPace } from './pace.js';
import { OptionReader } from './read.js';
import { readConfiguredReader, readPoolServer } from './reader.js';
import type { SettledOptions } from './settle.js';
import { readTarget, targetOption } from './target.js';

/** How often `sync` passes over the files, and at which stage of the cutover. */
interface SyncOptions {
  /** From the end of one pass to the start of the next; null for a single pass. */
  everyMs: number | null;
  /** The pass while the application is stopped: every file is read again. */
  isFinal: boolean;
  /** Redis is asked for every recorded key, and a key that is gone or changed is written again. */
  isRepair: boolean;
  /** The application runs on the target from now on. */
  isCutoverDone: boolean;
}

/** `5%` of the recorded sessions, or a number of them. By default 5 %, but at least 100, and never more than half. */
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
  const sync = {
    everyMs: read.quantity('every') ?? null,
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

/** What only `verify` takes. */
interface VerifyOptions {
  expiryToleranceMs: number;
  /** How many sessions to draw at random; null for all. */
  sample: number | null;
}

/** Options that are checked and complete. */
export interface RunOptions extends OutputOptions {
  /** The sources as the operator named them; nobody has checked yet that they exist. */
  patterns: readonly string[];
  reader: ConfiguredReader;
  /** By what the application was recognised, where the operator named none; else empty. */
  recognition: string;
  target: Endpoint | null;
  isDryRun: boolean;
  /** Everything of a pass but its sources. */
  pass: Omit<PassOptions, 'lanes' | 'record' | 'pauses'> & { lanes: Omit<LaneSettings, 'sources'> };
  failIfEmpty: boolean;
  /** A file that pauses the run as long as it exists; null for none. */
  pauseFile: string | null;
  /** Whether to write without asking first whether the load fits. */
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
 * Checks the options of a command.
 * @param patterns the sources as the operator named them
 * @throws {OperatorError} with exit code 2 and all faults in one message
 */
export function parseOptions(settled: SettledOptions, patterns: readonly string[]): RunOptions {
  const faults = new Faults();
  const read = new OptionReader(settled, faults);
  const reader = readConfiguredReader(read);
  const target = readTarget(read, reader?.databaseIndex ?? 0);
  const isDryRun = read.flag('dry-run') || !read.isRequired(targetOption(read));
  const laneCount = readLanes(read);
  const pace = readPace(read);
  const shard = readShard(read, reader?.pool ?? null);
  const ownerUid = readFilesOf(read);
  const options = {
    patterns,
    recognition: settled.recognition,
    target,
    isDryRun,
    failIfEmpty: read.flag('fail-if-empty'),
    pauseFile: read.text('pause-file') ?? null,
    ...readOutput(read),
    skipsCapacityCheck: read.flag('skip-capacity-check'),
    maxDelete: readMaxDelete(read),
    sync: readSync(read),
    verify: { sample: read.quantity('sample') ?? null, expiryToleranceMs: read.quantity('expiry-tolerance') },
    log: { level: read.choice('log-level'), file: read.text('log-file') },
    metrics: readMetrics(read),
  };
  const limits = {
    maxEntries: read.quantity('limit') ?? Number.POSITIVE_INFINITY,
    maxRejects: read.quantity('max-rejects') ?? Number.POSITIVE_INFINITY,
  };
  const maxFileBytes = read.quantity('max-file-size');
  const conflict = read.choice('conflict');
  if (maxFileBytes > 2 ** 29) faults.add('--max-file-size is over 512MiB, the largest Redis value');
  faults.throwIfAny();
  // There is one where there is no fault.
  const { settings: application, key, hash, renewalMs, name, division } = reader as ConfiguredReader;
  const stateDir = read.text('state-dir');
  return {
    ...options,
    reader: reader as ConfiguredReader,
    stateDir:
      stateDir === undefined
        ? defaultStateDir(
            read,
            patterns,
            target,
            [key, division, shard, ...(ownerUid === undefined ? [] : [{ ownerUid }])],
            name,
          )
        : resolve(stateDir),
    pass: {
      laneCount,
      pace,
      ...limits,
      lanes: {
        application,
        key,
        maxFileBytes,
        ...(ownerUid !== undefined && { ownerUid }),
        ...(options.sync.isFinal && { isFrozen: true }),
        shard,
        conflict,
        ownership: {
          renewalMs,
          grainMs: 0,
          ...(hash && { hash }),
          shiftMs: target?.discovery?.by === 'cluster' ? SHIFT_MS.cluster : SHIFT_MS.single,
        },
        weighsUnopened: false,
        giveUpAfterMs: pace.giveUpAfterMs,
        target: isDryRun ? null : target,
        ledger: null,
      },
    },
  };
}

/** The options with the reader that the store was found to need. */
export function withReader(options: RunOptions, reader: ConfiguredReader): RunOptions {
  const { lanes } = options.pass;
  const ownership = { ...lanes.ownership, renewalMs: reader.renewalMs };
  return {
    ...options,
    reader,
    pass: { ...options.pass, lanes: { ...lanes, application: reader.settings, ownership } },
  };
}

/** The part of the sessions that a run is about: of one server where several share them, and of one machine. */
function readShard(read: OptionReader, order: PoolOrder | null): Shard | null {
  const server = readPoolServer(read, order);
  const part = readPart(read);
  if (server === null) return part;
  return { ...(part ?? { index: 0, of: 1 }), server };
}

/** `i/n`, counted from 1. `0/n` is the same part as `n/n`, so indices that count from 0 work as well. */
function readPart(read: OptionReader): Shard | null {
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

/** The user whose files alone are taken, by `--owner`, which means something else to an export. */
function readFilesOf(read: OptionReader): number | undefined {
  const text = read.settled.command === 'export' ? undefined : read.text('owner');
  if (text === undefined || isAccountNumber(text)) return text === undefined ? undefined : Number(text);
  const account = accountNamed('/etc/passwd', text);
  if (account === null)
    read.faults.add(`--owner is ${quote(text)}, whom /etc/passwd does not have: give a number, as in 33`);
  return Number(account?.[2]);
}
