import { OperatorError } from '../errors.js';
import type { LaneSettings } from '../lane/settings.js';
import type { LedgerIdentity, PassNote } from '../ledger/facts.js';
import type { Ledger } from '../ledger/ledger.js';
import { neededStateDir } from '../options/output.js';
import type { RunOptions } from '../options/run-options.js';
import { refusalOfStore } from '../preflight/store-observation.js';
import { describeEndpoint } from '../redis/endpoint.js';
import type { ServerFacts } from '../redis/info.js';
import type { Summary } from '../report/summary.js';
import { describeMarker } from '../sync/markers.js';
import type { RecordedPass } from '../sync/recorded-pass.js';
import type { Outlook } from './finished-pass.js';

/**
 * Looks at target and reader before anything is written.
 * @throws {OperatorError} to refuse the pass; an audit is there to say so, and to go on and show the rest
 */
export async function outlookOf(
  command: 'migrate' | 'sync' | 'audit',
  options: RunOptions,
  settings: LaneSettings,
): Promise<Outlook> {
  const outlook: Outlook = {
    warnings: [],
    refusal: null,
    memory: null,
    capacity: null,
    grainMs: 0,
    markerDatabase: null,
    isMarkerRefused: false,
  };
  const refuse = (error: unknown) => {
    if (command !== 'audit' || !(error instanceof OperatorError)) throw error;
    outlook.refusal ??= error.message;
    outlook.warnings.push(`migrate would be refused (exit ${error.exitCode}): ${error.message}`);
  };
  if (options.target !== null) {
    // Imported when there is a target: an audit without one is spared the 28 MB that ioredis takes.
    const { preflight } = await import('../preflight/preflight.js');
    const { skipsCapacityCheck, target, reader } = options;
    const { acceptsEviction } = options.pass.pace;
    // An audit answers for the real run, and its canary is seen by nobody and gone at once.
    const isDryRun = options.isDryRun && command !== 'audit';
    const work = command === 'sync' ? 'sync' : 'migrate';
    const request = { work, reader, acceptsEviction, skipsCapacityCheck, target, isDryRun } as const;
    const found = await preflight({ ...request, settings, maxEntries: options.pass.maxEntries });
    const { facts, warnings, refusal, capacity, grainMs, markerDatabase, isMarkerRefused } = found;
    outlook.warnings.push(...warnings);
    Object.assign(outlook, { capacity, grainMs, markerDatabase, isMarkerRefused });
    outlook.memory = memoryOf(facts);
    if (refusal !== null) refuse(refusal);
  }
  try {
    outlook.warnings.push(...options.reader.check());
    const refusal = 'odoo' in settings.application ? null : await refusalOfStore(settings);
    if (refusal !== null) refuse(refusal);
  } catch (error) {
    refuse(error);
  }
  return outlook;
}

/** Names the key that a run leaves beside the sessions' own; null where it leaves none, or lines are for a program. */
export function markerLine(
  command: 'migrate' | 'sync' | 'audit',
  { target, isDryRun, isJson }: Pick<RunOptions, 'target' | 'isDryRun' | 'isJson'>,
  lanes: LaneSettings,
  { isMarkerRefused, markerDatabase }: Outlook,
): string | null {
  if (command === 'audit' || target === null || isDryRun || isJson || isMarkerRefused) return null;
  return `marker  ${describeMarker(lanes, target, markerDatabase)}`;
}

/** The memory of all servers together; masters of a cluster are taken to stand on machines of their own. */
function memoryOf(servers: readonly ServerFacts[]): Outlook['memory'] {
  const sum = (of: (facts: ServerFacts) => number) => servers.reduce((total, facts) => total + of(facts), 0);
  return {
    usedBytes: sum(({ usedBytes }) => usedBytes),
    maxBytes: sum(({ maxmemoryBytes }) => maxmemoryBytes),
    machineBytes: sum(({ machineBytes }) => machineBytes),
    policy: servers[0]?.evictionPolicy ?? 'noeviction',
  };
}

/**
 * What a ledger must agree with: everything that decides which session gets which key, value and expiry, and where. A
 * plain profile counts as it was named: the release that a store shows may change with an upgrade of the application.
 */
export function ledgerIdentityOf(options: RunOptions, sources: readonly string[]): LedgerIdentity {
  const { shard, ownerUid } = options.pass.lanes;
  return {
    sources: sources.join(', '),
    target: options.target === null ? '' : describeEndpoint(options.target),
    ...options.reader.identity,
    ...(ownerUid !== undefined && { 'owner of the files': String(ownerUid) }),
    shard: shard === null ? 'all' : `${shard.index}/${shard.of}`,
    ...(shard?.server && { 'server of the pool': `${shard.server.index + 1}/${shard.server.weights.join(',')}` }),
  };
}

/**
 * The ledger of a run that writes; a dry run gets a copy of it, or null where there is none.
 * @throws {OperatorError}
 */
export async function openLedger(options: RunOptions, sources: readonly string[]): Promise<Ledger | null> {
  // LevelDB makes its files by the process's umask; only their owner may read them.
  process.umask(0o077);
  // Imported when something is recorded: an audit is spared the database.
  const { Ledger } = await import('../ledger/ledger.js');
  const identity = ledgerIdentityOf(options, sources);
  if (!options.isDryRun) return Ledger.open(neededStateDir(options), identity);
  const { openCopy } = await import('../ledger/copy.js');
  return options.stateDir === null ? null : openCopy(options.stateDir, identity);
}

/** What the ledger keeps of a pass that ended. */
export function noteOf(summary: Summary, startedMs: number, { isFull }: RecordedPass, isFinal: boolean): PassNote {
  const { command, elapsedMs, listed, outcomes, deletes, exitCode } = summary;
  return { command, startedMs, elapsedMs, isFull, ...(isFinal && { isFinal }), listed, outcomes, deletes, exitCode };
}
