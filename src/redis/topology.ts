import { EXIT, OperatorError } from '../errors.js';
import { foreignText } from '../masking.js';
import { announcedHost, announcedServer, readSlots, SLOT_COUNT, SlotTable, slotOf } from './cluster.js';
import { describeEndpoint, describeHost, type Endpoint, type Host, type Server } from './endpoint.js';
import { ErrorReply, type Reply } from './replies.js';
import { operatorErrorOf } from './trouble.js';
import { encodeCommand, Wire } from './wire.js';

/** A sentinel that takes longer is counted out: there are others. */
const ANSWER_TIMEOUT_MS = 3000;

/** What one sentinel said: where the master is, or why it does not tell. */
type Answer = Host | OperatorError;

/**
 * The master that most sentinels name; all are asked at once, so that dead ones cost no time. Whether it takes writes
 * yet is for the connection to it to find out.
 * @throws {OperatorError}
 */
async function findMaster(endpoint: Endpoint, signal?: AbortSignal): Promise<Server> {
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

/** Which server takes which key. */
export interface Topology {
  /**
   * Looks again where the servers are.
   * @throws {OperatorError}
   */
  find(signal: AbortSignal): Promise<void>;
  /** Null where it is not known, or nobody does. */
  serverFor(key: Uint8Array): Server | null;
  /** Servers that take keys. */
  readonly servers: readonly Server[];
  /** All keys have one server: there is no need to look at them. */
  readonly isSingle: boolean;
  /** A node said that another one has a slot. */
  moved(slot: number, server: Server): void;
  /** The name of the place where a server stands: whoever takes it over should have its data. */
  placeOf(server: Server): string;
}

export function topologyOf(endpoint: Endpoint): Topology {
  return endpoint.discovery?.by === 'cluster'
    ? new ClusterTopology(endpoint, endpoint.discovery.hosts)
    : new OneMaster(endpoint);
}

/** A standalone server, whose name is looked up with every connection, or the one that sentinels name. */
class OneMaster implements Topology {
  readonly isSingle = true;
  #master: Server | null = null;

  constructor(readonly endpoint: Endpoint) {}

  get servers(): readonly Server[] {
    return this.#master === null ? [] : [this.#master];
  }

  async find(signal: AbortSignal): Promise<void> {
    this.#master = this.endpoint.discovery === undefined ? this.endpoint : await findMaster(this.endpoint, signal);
  }

  serverFor(): Server | null {
    return this.#master;
  }

  moved(): void {}

  placeOf(): string {
    return 'master';
  }
}

class ClusterTopology implements Topology {
  readonly isSingle = false;
  #table = new SlotTable();

  constructor(
    readonly endpoint: Endpoint,
    readonly seeds: readonly Host[],
  ) {}

  get servers(): readonly Server[] {
    return this.#table.masters;
  }

  async find(signal: AbortSignal): Promise<void> {
    const nodes = new Map([...this.seeds, ...this.servers].map((host) => [describeHost(host), host]));
    this.#table = await readSlots(this.endpoint, [...nodes.values()], signal);
  }

  serverFor(key: Uint8Array): Server | null {
    return this.#table.ownerOf(slotOf(key));
  }

  moved(slot: number, server: Server): void {
    this.#table.assign(slot, slot, server);
  }

  placeOf(server: Server): string {
    return describeHost(server);
  }
}

/**
 * The servers that take writes: the one that is named, the master that the sentinels name, or all masters of the
 * cluster.
 * @throws {OperatorError} in one sentence, within the time for connecting
 */
export async function mastersOf(endpoint: Endpoint): Promise<Server[]> {
  const { discovery } = endpoint;
  if (discovery === undefined) return [endpoint];
  if (discovery.by === 'sentinel') return [await findMaster(endpoint)];
  const table = await readSlots(endpoint, discovery.hosts);
  if (table.gaps !== '') {
    const where = describeEndpoint(endpoint);
    const sentence = `${where} has no server for the slots ${table.gaps}: assign them (redis-cli --cluster fix), then run again`;
    throw new OperatorError(EXIT.refused, sentence);
  }
  return table.masters;
}

/** A node's word on who takes a command: for good, or `once` while the slot is being moved (ASK). */
export interface Redirection {
  slot: number;
  host: Host;
  isOnce: boolean;
}

/** Reads `MOVED slot host:port` and `ASK slot host:port`, said by `node`; null for other error replies. */
export function redirectionOf(reply: string, node: Server): Redirection | null {
  const match = /^(MOVED|ASK) (\d{1,5}) ([\w.:[\]%?-]*):(\d{1,5})$/.exec(reply);
  if (match === null) return null;
  const [, word, slot, address, port] = match;
  // Without an address the other node is reached as this one was.
  const host = { address: address === '' || address === '?' ? node.address : (address as string), port: Number(port) };
  if (Number(slot) >= SLOT_COUNT) return null;
  return { slot: Number(slot), host, isOnce: word === 'ASK' };
}
