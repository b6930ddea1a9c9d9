import { OperatorError } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { formatBytes, formatCount } from '../../quantities.js';
import type { ServerFacts } from './server-facts.js';

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
