import { readSlots, SlotTable } from './cluster-slots.js';
import { describeHost, type Endpoint, type Host, type Server } from './endpoint.js';
import { findMaster } from './sentinel.js';
import { slotOf } from './slots.js';

/** Which server takes which key. */
export interface Topology {
  /** Looks again where the servers are. @throws {OperatorError} */
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
