import { OperatorError } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { type ControlClient, reopen, replyOf } from '../control.js';
import { describeEndpoint, type Server } from '../endpoint.js';
import { ErrorReply } from '../replies.js';
import { operatorErrorOf } from '../reply-errors.js';
import { troubleOf } from '../trouble.js';
import { askRights } from './ask-rights.js';
import { judgePersistence } from './persistence.js';
import { judgeRights, needOf, rightsOf, type Work } from './rights.js';
import { judgeReplica, judgeServer } from './server.js';
import { CONFIG_NAMES, readServerFacts, type ServerFacts } from './server-facts.js';

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
  /** The operator takes upon himself what INFO would tell. */
  mayBeBlind?: boolean;
}

/**
 * Looks at one server, a single one or a master of a cluster: version, role, rights, and whether it can save its data.
 * Only reads. @throws {OperatorError} where the server can't be asked at all
 */
export async function inspectServer(
  client: ControlClient,
  server: Server,
  { work, key, isClusterNode, mayBeBlind = false }: InspectionRequest,
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
  const need = needOf(work, facts.version, mayBeBlind || (isRefused && !writes(work)));
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
