import { OperatorError } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { type ControlClient, replyOf } from '../control.js';
import { describeEndpoint, type Server } from '../endpoint.js';
import { ErrorReply } from '../replies.js';
import { operatorErrorOf } from '../reply-errors.js';
import { askRights } from './ask-rights.js';
import { judgePersistence } from './persistence.js';
import { judgeRights, needOf, rightsOf, type Work } from './rights.js';
import { judgeServer } from './server.js';
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
}

/**
 * Looks at one server, a single one or a master of a cluster: version, role, rights, and whether it can save its data.
 * Only reads. @throws {OperatorError} where the server can't be asked at all
 */
export async function inspectServer(
  client: ControlClient,
  server: Server,
  { work, key, isClusterNode }: InspectionRequest,
): Promise<Inspection> {
  const info = await replyOf(client, ['INFO']);
  const isUnseen = info instanceof ErrorReply && info.text.startsWith('NOPERM');
  if (info instanceof ErrorReply && !isUnseen) throw operatorErrorOf(info.text);
  const facts = readServerFacts(isUnseen ? '' : String(info), await askConfig(client));
  const where = describeEndpoint(server);
  const unfit = isUnseen ? null : judgeServer(facts, server, { isWritten: writes(work), isClusterNode });
  if (unfit !== null) return { facts, refusal: unfit, warnings: [] };

  const need = needOf(work, facts.version);
  const rights = await askRights(client, rightsOf(need), key, server.username);
  const { refusal, warnings } = judgeRights(work, need, rights);
  if (refusal !== null || !writes(work)) return { facts, refusal, warnings };
  return { facts, refusal: judgeWrites(facts, rights.writeReply, where), warnings };
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
  return operatorErrorOf(writeReply);
}

/** Managed servers keep CONFIG to themselves, and so does a user of few rights. */
async function askConfig(client: ControlClient): Promise<string[] | null> {
  const settings: string[] = [];
  // One by one: before 7.0 CONFIG GET takes one name only.
  for (const name of CONFIG_NAMES) {
    const reply = await replyOf(client, ['CONFIG', 'GET', name]);
    if (!Array.isArray(reply)) return null;
    settings.push(...reply.map(String));
  }
  return settings;
}
