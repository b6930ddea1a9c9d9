import { EXIT, OperatorError } from '../errors.js';
import { describeHost, type Endpoint, type Host, type MappedHost, type Server, serverAt } from './endpoint.js';
import { ErrorReply, type Reply } from './replies.js';
import { operatorErrorOf } from './trouble.js';
import { encodeCommand, Wire } from './wire.js';

/** A name or address as hosts have them (RFC 1123; IPv6 with a zone). */
const HOST_NAME = /^[\w.:%-]{1,253}$/;

/**
 * What another server gave for an address; null where it can be none.
 * @param address bytes, or nothing
 */
export function announcedHost(address: unknown, port: number): Host | null {
  const text = address instanceof Buffer || typeof address === 'string' ? String(address) : '';
  if (!HOST_NAME.test(text) || !(Number.isInteger(port) && port > 0 && port < 65_536)) return null;
  return { address: text, port };
}

/** The server at an address that `announcedBy` told, or where the operator's map leads from there. */
export function announcedServer(endpoint: Endpoint, host: Host, announcedBy: string): Server {
  const mapped = mappedHost(endpoint.addressMap ?? [], host);
  return { ...serverAt(endpoint, mapped ?? host), announcedBy, ...(mapped !== null && { announcedAs: host }) };
}

function mappedHost(map: readonly MappedHost[], { address, port }: Host): Host | null {
  const same = map.filter(({ from }) => from.address.toLowerCase() === address.toLowerCase());
  const found = same.find(({ from }) => from.port === port) ?? same.find(({ from }) => from.port === 0);
  return found === undefined ? null : { address: found.to.address, port: found.to.port === 0 ? port : found.to.port };
}

/** Slots of a cluster (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
export const SLOT_COUNT = 16_384;

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** CRC-16/XMODEM, byte by byte. */
const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

/** The slot of a key: of what stands in its first pair of braces, where that is not empty, else of all of it. */
export function slotOf(key: Uint8Array): number {
  let start = 0;
  let end = key.length;
  const open = key.indexOf(OPEN_BRACE);
  if (open >= 0) {
    const close = key.indexOf(CLOSE_BRACE, open + 1);
    if (close > open + 1) {
      start = open + 1;
      end = close;
    }
  }
  let crc = 0;
  for (let i = start; i < end; i++) {
    crc = ((crc << 8) ^ (TABLE[((crc >> 8) ^ (key[i] as number)) & 0xff] as number)) & 0xffff;
  }
  return crc % SLOT_COUNT;
}

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

/**
 * Asks some of these nodes at once, and takes the first view of a working cluster, or any.
 * @throws {OperatorError}
 */
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
