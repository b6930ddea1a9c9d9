import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { announcedHost, announcedServer } from './announced.js';
import { describeHost, type Endpoint, type Host, type Server, serverAt } from './endpoint.js';
import { ErrorReply, type Reply } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';
import { SLOT_COUNT } from './slots.js';
import { encodeCommand, Wire } from './wire.js';

/** A node that takes longer is counted out: there are others. */
const ANSWER_TIMEOUT_MS = 5000;
/** So many nodes are asked at once. */
const ASKED_NODES = 5;
const NOBODY = 0xffff;

/** Which master has which slot, as one node of the cluster sees it. */
export class SlotTable {
  readonly masters: Server[] = [];
  readonly #ownerOf = new Uint16Array(SLOT_COUNT).fill(NOBODY);

  assign(first: number, last: number, server: Server): void {
    let owner = this.masters.findIndex(({ address, port }) => address === server.address && port === server.port);
    if (owner < 0) owner = this.masters.push(server) - 1;
    this.#ownerOf.fill(owner, first, last + 1);
  }

  ownerOf(slot: number): Server | null {
    return this.masters[this.#ownerOf[slot] as number] ?? null;
  }

  /** The slots that nobody has, as `0-99, 5000`; empty where all are served. */
  get gaps(): string {
    const gaps: string[] = [];
    for (let slot = 0; slot < SLOT_COUNT; slot++) {
      if (this.#ownerOf[slot] !== NOBODY) continue;
      const first = slot;
      while (slot + 1 < SLOT_COUNT && this.#ownerOf[slot + 1] === NOBODY) slot++;
      gaps.push(first === slot ? String(first) : `${first}-${slot}`);
    }
    return gaps.join(', ');
  }
}

interface View {
  table: SlotTable;
  /** The node takes part in a cluster that works. */
  isSound: boolean;
}

/** Asks some of these nodes at once, and takes the first view of a working cluster, or any. @throws {OperatorError} */
export async function readSlots(endpoint: Endpoint, nodes: readonly Host[], signal?: AbortSignal): Promise<SlotTable> {
  const shuffled = [...nodes].sort(() => Math.random() - 0.5).slice(0, ASKED_NODES);
  const views = shuffled.map((node) => ask(endpoint, node, signal));
  const sound = views.map(async (view) => {
    if (!(await view).isSound) throw new Error('not sound');
    return (await view).table;
  });
  try {
    return await Promise.any(sound);
  } catch {
    const settled = await Promise.allSettled(views);
    for (const view of settled) if (view.status === 'fulfilled') return view.value.table;
    const reasons = settled.map((view) => (view as PromiseRejectedResult).reason as unknown);
    // What can't be mended by waiting goes before what can.
    throw (
      reasons.find((reason) => !(reason instanceof OperatorError && reason.exitCode === EXIT.temporary)) ?? reasons[0]
    );
  }
}

async function ask(endpoint: Endpoint, node: Host, signal?: AbortSignal): Promise<View> {
  const server = serverAt(endpoint, node);
  const wire = await Wire.connect(server, { timeoutMs: ANSWER_TIMEOUT_MS, ...(signal !== undefined && { signal }) });
  try {
    const commands = [
      ['CLUSTER', 'SLOTS'],
      ['CLUSTER', 'INFO'],
    ].map(encodeCommand);
    const [slots, info] = await wire.request(Buffer.concat(commands), commands.length);
    if (slots instanceof ErrorReply) throw refusalOf(slots.text, node);
    // A user may lack the right to CLUSTER INFO.
    const isSound = info instanceof Buffer ? info.includes('cluster_state:ok') : true;
    return { table: tableOf(endpoint, node, slots as Reply), isSound };
  } finally {
    wire.close();
  }
}

/** Ranges as `[first, last, [address, port, id, ...], replicas...]`. */
function tableOf(endpoint: Endpoint, node: Host, slots: Reply): SlotTable {
  const table = new SlotTable();
  for (const range of Array.isArray(slots) ? slots : []) {
    const [first, last, master] = Array.isArray(range) ? range : [];
    if (!isSlot(first) || !isSlot(last) || first > last || !Array.isArray(master)) throw noTable(node);
    const [name, port] = master;
    // A node that does not know how it is reached leaves its address out: it is the one that was asked.
    const isUnnamed = name === null || ['', '?'].includes(String(name));
    const host = announcedHost(isUnnamed ? node.address : name, Number(port));
    if (host === null) throw noTable(node);
    table.assign(first, last, announcedServer(endpoint, host, `cluster node ${describeHost(node)}`));
  }
  return table;
}

function isSlot(value: Reply | undefined): value is number {
  return typeof value === 'number' && value >= 0 && value < SLOT_COUNT;
}

function noTable(node: Host): OperatorError {
  return new OperatorError(EXIT.refused, `${describeHost(node)}: its answer to CLUSTER SLOTS is none that Redis gives`);
}

function refusalOf(reply: string, node: Host): OperatorError {
  if (/cluster support disabled/i.test(reply)) {
    const sentence = `${describeHost(node)} is no part of a cluster: write redis://${describeHost(node)}`;
    return new OperatorError(EXIT.usage, sentence);
  }
  const { exitCode, message } = operatorErrorOf(reply, 'CLUSTER SLOTS');
  return new OperatorError(exitCode, `${describeHost(node)}: ${message}`);
}
