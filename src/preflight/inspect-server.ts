import { EXIT, OperatorError } from '../errors.js';
import { notMaster } from '../redis/connections.js';
import { type ControlClient, reopen, replyOf } from '../redis/control.js';
import { describeEndpoint, describeHost, type Server } from '../redis/endpoint.js';
import { CONFIG_NAMES, readServerFacts, type ServerFacts } from '../redis/info.js';
import { ErrorReply } from '../redis/replies.js';
import { operatorErrorOf, troubleOf } from '../redis/trouble.js';
import { formatBytes, formatCount } from '../units.js';
import { askRights } from './ask-rights.js';
import { judgeRights, needOf, rightsOf, type Work } from './rights.js';

/** What a run is going to add. */
export interface Load {
  sessions: number;
  bytes: number;
}

/** Save points further apart than this are Redis's everyday business. */
const FREQUENT_SECONDS = 300;
/** Below this a replica's backlog holds less than a second or two of a load at full pace (measured: 60 MB/s). */
const AMPLE_BACKLOG_BYTES = 64 * 2 ** 20;
/** A first AOF rewrite is due at 64 MiB whatever the percentage (auto-aof-rewrite-min-size). */
const AOF_REWRITE_MIN_BYTES = 64 * 2 ** 20;

/**
 * Why writes are denied because the server can't save its data, or will be: what Redis answers with MISCONF
 * (redis/src/server.c, writeCommandsDeniedByDiskError). Null where nothing is wrong.
 *
 * @param writeReply what the server answered to a harmless write, or an empty text
 */
export function judgePersistence(facts: ServerFacts, writeReply: string, where: string): OperatorError | null {
  const isDenied = writeReply.startsWith('MISCONF');
  if (facts.isAofOn && (facts.lastAofWriteFailed || (isDenied && /\bAOF\b/.test(writeReply)))) {
    return refused(`${where} could not write its append-only file (aof_last_write_status:err)`);
  }
  const hasSavePoints = facts.savePoints === null || facts.savePoints.length > 0;
  const stops = facts.stopsWritesAfterFailedSnapshot ?? true;
  if (isDenied || (facts.lastSnapshotFailed && hasSavePoints && stops)) {
    return refused(`${where} could not save its last snapshot (rdb_last_bgsave_status:err)`);
  }
  return null;
}

/** What loading so much does to a server that saves or replicates; nothing for a load that it will hardly notice. */
export function persistenceWarnings(facts: ServerFacts, load: Load): string[] {
  const warnings: string[] = [];
  if (facts.lastSnapshotFailed) {
    warnings.push(
      'the server could not save its last snapshot (rdb_last_bgsave_status:err): see its log before you rely on it',
    );
  }
  const frequent = facts.savePoints?.find(
    ({ seconds, changes }) => seconds <= FREQUENT_SECONDS && changes <= load.sessions,
  );
  if (frequent !== undefined && load.bytes >= AOF_REWRITE_MIN_BYTES) {
    warnings.push(
      `while so much is loaded, the server will fork for a snapshot every ${frequent.seconds} s (save ${frequent.seconds} ` +
        `${frequent.changes}): CONFIG SET save '3600 1' until the load is over keeps its latency even`,
    );
  }
  const { aofBaseBytes, aofRewritePercentage } = facts;
  const rewriteAt = Math.max(AOF_REWRITE_MIN_BYTES, aofBaseBytes * (1 + (aofRewritePercentage ?? 100) / 100));
  if (facts.isAofOn && aofRewritePercentage !== 0 && aofBaseBytes + load.bytes > rewriteAt) {
    warnings.push(
      `the load adds some ${formatBytes(load.bytes)} to the append-only file, so the server will rewrite it meanwhile: ` +
        'CONFIG SET auto-aof-rewrite-percentage 0 puts that off until the load is over',
    );
  }
  if (facts.replicas > 0 && facts.backlogBytes < Math.min(AMPLE_BACKLOG_BYTES, load.bytes)) {
    const advice = formatBytes(AMPLE_BACKLOG_BYTES).replace('.0', '');
    warnings.push(
      `the replication backlog has ${formatBytes(facts.backlogBytes)} for ${formatCount(facts.replicas)} replicas, so one that loses its link ` +
        `for a moment must copy everything again: CONFIG SET repl-backlog-size 64mb (${advice}) or more`,
    );
  }
  return warnings;
}

function refused(fault: string): OperatorError {
  return new OperatorError(
    EXIT.refused,
    `${fault}, so it refuses writes or soon will (MISCONF): mend that first, its log says why`,
  );
}

/** `SET ... PXAT` came with 6.2 (https://redis.io/docs/latest/commands/set/, history). */
const OLDEST_VERSION = [6, 2] as const;

/** What is asked of a server: whether it is written to, and whether it was found as a node of a cluster. */
interface Purpose {
  isWritten: boolean;
  isClusterNode: boolean;
}

/** Why this server is not fit, or null. A replica is as good as its master for whoever only reads. */
function judgeServer(facts: ServerFacts, server: Server, purpose: Purpose): OperatorError | null {
  const where = describeEndpoint(server);
  const [major = 0, minor = 0] = facts.version.split('.').map(Number);
  const isOld = major < OLDEST_VERSION[0] || (major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1]);
  if (purpose.isWritten && isOld) {
    return unfit(`${where} is Redis ${facts.version}, and absolute expiries need 6.2 or later: upgrade it first`);
  }
  if (facts.isSentinel) return unfit(`${where} is a sentinel: write sentinel://${describeHost(server)}/<master>`);
  if (facts.isCluster && !purpose.isClusterNode) {
    const host = server.kind === 'unix' ? `host:${facts.tcpPort}` : describeHost(server);
    return unfit(`${where} is a node of a cluster: write cluster${server.kind === 'tls' ? 's' : ''}://${host}`);
  }
  if (facts.isLoading) {
    return new OperatorError(EXIT.temporary, `${where} is still loading its data: run again when it is done`);
  }
  return null;
}

/**
 * Why a replica is not written to, or the warning with which it is: KeyDB's `active-replica` passes on what it takes,
 * where a replica of Redis's that was made writable loses it.
 * @param takesWrites whether it took a harmless write
 */
function judgeReplica(facts: ServerFacts, server: Server, takesWrites: boolean): OperatorError | string | null {
  if (facts.role !== 'slave') return null;
  const where = describeEndpoint(server);
  if (!takesWrites && server.announcedBy !== undefined) return notMaster(server, facts.role);
  if (!takesWrites) return unfit(`${where} is a read-only replica: name its master, ${facts.master}`);
  return (
    `${where} is a replica of ${facts.master}, and takes writes: unless it passes them on, as KeyDB's active-replica does, they ` +
    'are gone with its next full synchronisation; name the master then'
  );
}

function unfit(message: string): OperatorError {
  return new OperatorError(EXIT.refused, message);
}

/** What a look at one server found, before anything is written to it. */
export interface Inspection {
  facts: ServerFacts;
  /** The first thing that stands in the way; null where the work may begin. */
  refusal: OperatorError | null;
  warnings: string[];
}

export interface InspectionRequest {
  work: Work;
  /** What stands around the sid in the reader's key. */
  key: { before: string; after: string };
  /** Whether the server was found by asking its cluster. */
  isClusterNode: boolean;
  /** Whether keys are hashes. */
  hasHashes?: boolean;
  /** The operator takes upon himself what INFO would tell. */
  mayBeBlind?: boolean;
}

/**
 * Looks at one server, a single one or a master of a cluster: version, role, rights, and whether it can save its data.
 * Only reads.
 * @throws {OperatorError} where the server can't be asked at all
 */
export async function inspectServer(
  client: ControlClient,
  server: Server,
  { work, key, isClusterNode, mayBeBlind = false, hasHashes = false }: InspectionRequest,
): Promise<Inspection> {
  const info = await replyOf(client, ['INFO']);
  if (info instanceof ErrorReply && isPassing(info.text)) throw operatorErrorOf(info.text, 'INFO');
  await reopen(client);
  const facts = readServerFacts(typeof info === 'string' ? info : '', await askConfig(client));
  const where = describeEndpoint(server);
  const unfit =
    typeof info === 'string' ? judgeServer(facts, server, { isWritten: writes(work), isClusterNode }) : null;
  if (unfit !== null) return { facts, refusal: unfit, warnings: [] };

  // Whoever only reads does without INFO where the server has none; a user who may not is told what to ask for.
  const isRefused = !(info instanceof ErrorReply && info.text.startsWith('NOPERM'));
  const need = needOf(work, facts.version, mayBeBlind || (isRefused && !writes(work)), hasHashes);
  const rights = await askRights(client, rightsOf(need), key, server.username);
  const replica = writes(work) ? judgeReplica(facts, server, rights.takesWrites) : null;
  if (replica instanceof OperatorError) return { facts, refusal: replica, warnings: [] };
  const { refusal, warnings } = judgeRights(work, need, rights);
  if (replica !== null) warnings.push(replica);
  if (refusal !== null || !writes(work)) return { facts, refusal, warnings };
  return { facts, refusal: judgeWrites(facts, rights.writeReply, where), warnings };
}

/** What INFO is refused with for a while only, or for good by the connection and not by the command. */
function isPassing(reply: string): boolean {
  return troubleOf(reply) !== null || /^(NOAUTH|WRONGPASS|DENIED)\b/.test(reply);
}

function writes(work: Work): boolean {
  return work === 'migrate' || work === 'sync';
}

function judgeWrites(facts: ServerFacts, writeReply: string, where: string): OperatorError | null {
  const trouble = judgePersistence(facts, writeReply, where);
  // In a cluster another node may be in charge of the probe's key; this one let the user through.
  if (trouble !== null || writeReply === '' || /^(MOVED|ASK) /.test(writeReply)) return trouble;
  if (writeReply.startsWith('OOM')) {
    return new OperatorError(EXIT.refused, `${where} is at its maxmemory already: raise it or free memory first`);
  }
  return operatorErrorOf(writeReply, 'SET');
}

/** Managed servers keep CONFIG to themselves, and so does a user of few rights. */
async function askConfig(client: ControlClient): Promise<string[] | null> {
  const settings: string[] = [];
  // One by one: before 7.0 CONFIG GET takes one name only.
  for (const name of CONFIG_NAMES) {
    const reply = await replyOf(client, ['CONFIG', 'GET', name]).catch(() => null);
    await reopen(client);
    if (!Array.isArray(reply)) return null;
    settings.push(...reply.map(String));
  }
  return settings;
}
