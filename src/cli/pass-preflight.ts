import { OperatorError } from '../errors.js';
import type { LaneSettings } from '../lane/settings.js';
import { describeMarker } from '../markers.js';
import type { RunOptions } from '../options.js';
import { checkReader } from '../reader-check.js';
import type { StoreSigns } from '../store-signs.js';
import type { ServerFacts } from '../target/preflight/server-facts.js';
import type { Outlook } from './finished-pass.js';

/**
 * Looks at target and reader before anything is written. @throws {OperatorError} to refuse the pass; an audit is there
 * to say so, and to go on and show the rest
 */
export async function outlookOf(
  command: 'migrate' | 'sync' | 'audit',
  options: RunOptions,
  settings: LaneSettings,
  signs: StoreSigns,
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
    const { acceptsEviction, skipsCapacityCheck, target } = options;
    // An audit answers for the real run, and its canary is seen by nobody and gone at once.
    const isDryRun = options.isDryRun && command !== 'audit';
    const work = command === 'sync' ? 'sync' : 'migrate';
    const unprefixed = options.hasPrefixOption ? null : options.profile.name;
    const request = { work, unprefixed, acceptsEviction, skipsCapacityCheck, target, isDryRun } as const;
    const found = await preflight({ ...request, settings, maxEntries: options.pass.maxEntries });
    const { facts, warnings, refusal, capacity, grainMs, markerDatabase, isMarkerRefused } = found;
    outlook.warnings.push(...warnings);
    Object.assign(outlook, { capacity, grainMs, markerDatabase, isMarkerRefused });
    outlook.memory = memoryOf(facts);
    if (refusal !== null) refuse(refusal);
  }
  try {
    outlook.warnings.push(...checkReader(signs, options));
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
