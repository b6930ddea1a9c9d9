/**
 * READ FIRST. What is asked before the first key is written; nothing here writes more than a probe that is gone again.
 *
 *   inspect-server  version, role, persistence          rights, ask-rights  what the user may do
 *   time-check      clocks, and how expiries are kept   capacity            whether it fits
 *   store-sample    some files, as a lane takes them    canary              what they weigh on this server
 *   store-observation  which reader the store shows     reader-comparison   and which one the keys that are there
 *
 * This file asks them in order, for each server of the target.
 */

import { randomInt } from 'node:crypto';
import { applicationOf } from '../applications/application-of.js';
import type { ConfiguredReader } from '../applications/configured-reader.js';
import type { OperatorError } from '../errors.js';
import { foreignText } from '../masking.js';
import { connectControl, replyOf } from '../redis/control.js';
import { describeEndpoint, type Endpoint, type Server } from '../redis/endpoint.js';
import type { ServerFacts } from '../redis/info.js';
import { goToMarkers, MARKER_WORD, markerDatabaseOf } from '../redis/marker.js';
import { ErrorReply } from '../redis/replies.js';
import { mastersOf } from '../redis/topology.js';
import { type CapacityVerdict, dropsNothing, judgeCapacity, judgeEviction, togetherOf } from './capacity.js';
import { type InspectionRequest, inspectServer, persistenceWarnings } from './inspect-server.js';
import { compareReaders } from './reader-comparison.js';
import { escapePattern, quotedPattern, type Work } from './rights.js';
import { sharedDatabaseWarning } from './shared-database.js';
import { checkLoad, isMostlyThere, type LoadRequest, StoreLook } from './store-sample.js';
import { checkTime } from './time-check.js';

/** Letters that no run's digits have, so that a probe never meets a marker. */
const PROBE_LETTERS = 'ghijklmnopqrstuvwxyz';

/** What a server lets the marker of a run do. */
export interface MarkerOutlook {
  warnings: string[];
  /** Where it will lie; null for the database of the sessions. */
  database: number | null;
  /** It can't be left, and `warnings` say so. */
  isRefused: boolean;
}

/**
 * Asks whether the user may leave a marker there and read it again, under a name of its length that nobody has: nothing
 * is written.
 * @throws {OperatorError} where the server can't be asked
 */
export async function checkMarker(
  server: Server,
  target: Endpoint,
  key: { before: string; after: string },
): Promise<MarkerOutlook> {
  const letters = Array.from({ length: 8 }, () => PROBE_LETTERS[randomInt(PROBE_LETTERS.length)]).join('');
  const name = `${key.before}${MARKER_WORD}:${letters}${key.after}`;
  const client = await connectControl(server);
  try {
    const way = await goToMarkers(client, target);
    const replies = [await replyOf(client, ['SET', name, '', 'XX']), await replyOf(client, ['GET', name])];
    const whoami = await replyOf(client, ['ACL', 'WHOAMI']);
    const user = typeof whoami === 'string' ? foreignText(whoami, 60) : (server.username ?? 'default');
    const isRefused = replies.some((reply) => reply instanceof ErrorReply && reply.text.startsWith('NOPERM'));
    const pattern = quotedPattern(`${escapePattern(key.before)}${MARKER_WORD}:*${escapePattern(key.after)}`);
    const warnings: string[] = [];
    const select = way === 'denied' ? ' +select' : '';
    if (isRefused) {
      warnings.push(
        `the user ${user} may not write and read the marker of the run, so if the target loses data or goes back, that can't be ` +
          `told from logouts and the next pass may stop to ask: ACL SETUSER ${user}${select} ${pattern}`,
      );
    } else if (way === 'denied') {
      warnings.push(
        `the user ${user} may not run select, so the marker of the run lies among the sessions, where it is listed and counted with ` +
          `them, and not in database ${markerDatabaseOf(target)}: ACL SETUSER ${user} +select`,
      );
    }
    return { warnings, database: way === 'there' ? markerDatabaseOf(target) : null, isRefused };
  } finally {
    client.disconnect();
  }
}

/** What is about to be done, and what the operator took upon himself. */
export interface PreflightRequest extends LoadRequest {
  work: Work;
  target: Endpoint;
  skipsCapacityCheck: boolean;
  acceptsEviction: boolean;
  /** Compared with the keys that are there; absent: nothing is. */
  reader?: ConfiguredReader;
}

/** What was found at one server. */
interface ServerOutlook {
  facts: ServerFacts;
  refusal: OperatorError | null;
  warnings: string[];
  capacity: CapacityVerdict | null;
  /** See `TimeOutlook`. */
  grainMs: number;
  /** Null where the server is unfit anyway. */
  marker: MarkerOutlook | null;
}

export interface PreflightResult {
  /** Of every server that takes writes: one, or the masters of a cluster. */
  facts: ServerFacts[];
  /** Why the run must not begin; the first reason where there are several. */
  refusal: OperatorError | null;
  warnings: string[];
  /** Null where it was not asked for, makes no difference to this pass, or the target is unfit anyway. */
  capacity: CapacityVerdict | null;
  /** Some server keeps expiries no finer than this. */
  grainMs: number;
  /** The markers' own database; null where they lie beside the sessions. */
  markerDatabase: number | null;
  /** Some server takes no marker of this user. */
  isMarkerRefused: boolean;
}

/**
 * Looks at every server of the target before the first write: version, role, rights, persistence, eviction and room.
 * Writes nothing, but for a canary that no other client can see, and that not in a dry run.
 * @throws {OperatorError} where a server can't be found or asked
 */
export async function preflight(request: PreflightRequest): Promise<PreflightResult> {
  const servers = await mastersOf(request.target);
  const store = new StoreLook(request.settings);
  const outlooks: ServerOutlook[] = [];
  for (const server of servers) outlooks.push(await lookAt(server, request, store));
  let refusal = outlooks.find((outlook) => outlook.refusal !== null)?.refusal ?? null;
  const verdicts = outlooks.flatMap(({ capacity }) => (capacity === null ? [] : [capacity]));
  const warnings = outlooks.flatMap((outlook) => outlook.warnings);
  const isLoad = verdicts.length > 0 || request.skipsCapacityCheck;
  const { reader } = request;
  if (refusal === null && isLoad && reader !== undefined) {
    const { question, warning } = await compareReaders(request.target, reader);
    if (question !== null) refusal = question;
    else if (warning !== null) warnings.push(warning);
  }
  return {
    facts: outlooks.map(({ facts }) => facts),
    refusal,
    warnings: [...new Set(warnings)],
    capacity: verdicts.length === 0 ? null : togetherOf(verdicts),
    grainMs: Math.max(0, ...outlooks.map(({ grainMs }) => grainMs)),
    markerDatabase: outlooks[0]?.marker?.database ?? null,
    isMarkerRefused: outlooks.some(({ marker }) => marker?.isRefused === true),
  };
}

/**
 * Checks that a target can be asked what `work` asks; returns warnings. For work that only reads.
 * @throws {OperatorError} to refuse it
 */
export async function checkWork(work: Work, target: Endpoint, key = { before: '', after: '' }): Promise<string[]> {
  const warnings = new Set<string>();
  for (const server of await mastersOf(target)) {
    const client = await connectControl(server);
    const request = { work, key, isClusterNode: isClusterTarget(target) };
    const found = await inspectServer(client, server, request).finally(() => client.disconnect());
    if (found.refusal !== null) throw found.refusal;
    for (const warning of found.warnings) warnings.add(warning);
  }
  return [...warnings];
}

async function lookAt(server: Server, request: PreflightRequest, store: StoreLook): Promise<ServerOutlook> {
  const { work, target, settings, skipsCapacityCheck } = request;
  const client = await connectControl(server);
  try {
    const isClusterNode = isClusterTarget(target);
    const hasHashes = applicationOf(settings.application).reader.hash !== null;
    const blindness = { mayBeBlind: skipsCapacityCheck, hasHashes };
    const inspection: InspectionRequest = { work, key: settings.key, isClusterNode, ...blindness };
    const { facts, refusal, warnings } = await inspectServer(client, server, inspection);
    if (refusal !== null) return { facts, refusal, warnings, capacity: null, grainMs: 0, marker: null };
    const { isDryRun } = request;
    const time = await checkTime(client, describeEndpoint(server), {
      key: settings.key,
      isDryRun,
      isSync: work === 'sync',
    });
    const { grainMs } = time;
    warnings.push(...time.warnings);
    if (time.refusal !== null) return { facts, refusal: time.refusal, warnings, capacity: null, grainMs, marker: null };
    const marker = await checkMarker(server, target, settings.key);
    warnings.push(...marker.warnings);
    // Other keys are told as rivals where the reader knows which are.
    if (request.reader?.hasRivals === false) {
      const shared = await sharedDatabaseWarning(client, settings, target.databaseIndex ?? 0);
      if (shared !== null) warnings.push(shared);
    }
    if (work === 'sync' && dropsNothing(facts) && (await isMostlyThere(client, store))) {
      return { facts, refusal, warnings, capacity: null, grainMs, marker };
    }
    const capacity = skipsCapacityCheck ? null : await checkLoad(client, facts, request, store);
    const memory = judgeMemory(facts, capacity, request);
    const load = { sessions: capacity?.sessions ?? 0, bytes: capacity?.needBytes ?? 0 };
    warnings.push(...persistenceWarnings(facts, load), ...memory.warnings);
    return { facts, refusal: memory.refusal, warnings, capacity, grainMs, marker };
  } finally {
    client.disconnect();
  }
}

function judgeMemory(
  facts: ServerFacts,
  capacity: CapacityVerdict | null,
  { acceptsEviction }: PreflightRequest,
): Pick<PreflightResult, 'refusal' | 'warnings'> {
  const shortage = capacity === null ? null : judgeCapacity(capacity, facts);
  if (shortage !== null) return { refusal: shortage, warnings: [] };
  const eviction = judgeEviction(facts, capacity, acceptsEviction);
  if (typeof eviction === 'string') return { refusal: null, warnings: [eviction] };
  return { refusal: eviction, warnings: [] };
}

function isClusterTarget({ discovery }: Endpoint): boolean {
  return discovery?.by === 'cluster';
}
