import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { foreignText } from '../fingerprint.js';
import { announcedHost, announcedServer } from './announced.js';
import { describeHost, type Endpoint, type Host, type Server } from './endpoint.js';
import { ErrorReply, type Reply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';
import { encodeCommand, Wire } from './wire.js';

/** A sentinel that takes longer is counted out: there are others. */
const ANSWER_TIMEOUT_MS = 3000;

/** What one sentinel said: where the master is, or why it does not tell. */
type Answer = Host | OperatorError;

/**
 * The master that most sentinels name; all are asked at once, so that dead ones cost no time. Whether it takes writes yet
 * is for the connection to it to find out. @throws {OperatorError}
 */
export async function findMaster(endpoint: Endpoint, signal?: AbortSignal): Promise<Server> {
  const { discovery } = endpoint;
  if (discovery?.by !== 'sentinel') throw new TypeError('the endpoint has no sentinels');
  const { hosts, master } = discovery;
  const votes = new Map<string, { host: Host; count: number }>();
  const refusals: OperatorError[] = [];
  const elected = new Promise<Host>((resolve, reject) => {
    let asked = hosts.length;
    const take = (answer: Answer) => {
      asked--;
      if (answer instanceof OperatorError) refusals.push(answer);
      else {
        const vote = votes.get(describeHost(answer)) ?? { host: answer, count: 0 };
        votes.set(describeHost(answer), { ...vote, count: vote.count + 1 });
        if (vote.count + 1 > hosts.length / 2) resolve(answer);
      }
      if (asked > 0) return;
      const most = [...votes.values()].sort((a, b) => b.count - a.count)[0];
      if (most !== undefined) resolve(most.host);
      else reject(worstOf(refusals));
    };
    for (const host of hosts) ask(endpoint, host, master, signal).then(take, reject);
  });
  return announcedServer(endpoint, await elected, `sentinel ${hosts.map(describeHost).join(', ')}`);
}

async function ask(endpoint: Endpoint, host: Host, master: string, signal?: AbortSignal): Promise<Answer> {
  let wire: Wire | null = null;
  try {
    const timeoutMs = ANSWER_TIMEOUT_MS;
    wire = await Wire.connect(loginOf(endpoint, host), { timeoutMs, ...(signal !== undefined && { signal }) });
    const [reply] = await wire.request(encodeCommand(['SENTINEL', 'get-master-addr-by-name', master]), 1);
    if (reply === null) return unknownMaster(master, host, await namesOf(wire));
    return hostOf(reply as Reply) ?? refusalOf(reply as Reply, host);
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw error;
  } finally {
    wire?.close();
  }
}

/** Sentinels keep users and passwords of their own. */
function loginOf(endpoint: Endpoint, host: Host): Server {
  const { kind, tls, discovery } = endpoint;
  const { username, password } = discovery?.by === 'sentinel' ? discovery : {};
  return {
    kind,
    tls,
    ...host,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  };
}

function hostOf(reply: Reply): Host | null {
  if (!Array.isArray(reply) || reply.length !== 2) return null;
  return announcedHost(reply[0], Number(reply[1]));
}

async function namesOf(wire: Wire): Promise<string[]> {
  const [masters] = await wire.request(encodeCommand(['SENTINEL', 'MASTERS']), 1);
  if (!Array.isArray(masters)) return [];
  return masters.slice(0, 20).map((fields) => (Array.isArray(fields) ? foreignText(String(fields[1]), 60) : ''));
}

function unknownMaster(master: string, host: Host, names: readonly string[]): OperatorError {
  const known =
    names.length === 0 ? 'no master at all' : `only ${names.map((name) => JSON.stringify(name)).join(', ')}`;
  const sentence = `the sentinel ${describeHost(host)} knows ${known}, not ${JSON.stringify(master)}: correct the master's name in the target`;
  return new OperatorError(EXIT.usage, sentence);
}

function refusalOf(reply: Reply, host: Host): OperatorError {
  if (!(reply instanceof ErrorReply))
    return new OperatorError(EXIT.unexpected, `${describeHost(host)}: no answer of a sentinel`);
  if (/unknown command/i.test(reply.text)) {
    const sentence = `${describeHost(host)} is no sentinel: name the sentinels and their port, usually 26379, or the server itself by redis://`;
    return new OperatorError(EXIT.usage, sentence);
  }
  const { exitCode, message } = operatorErrorOf(reply.text, 'SENTINEL');
  return new OperatorError(exitCode, `the sentinel ${describeHost(host)}: ${message}`);
}

/** What can't be mended by waiting goes before what can. */
function worstOf(refusals: readonly OperatorError[]): OperatorError {
  const lasting = refusals.find(({ exitCode }) => exitCode !== EXIT.temporary);
  return lasting ?? (refusals[0] as OperatorError);
}
