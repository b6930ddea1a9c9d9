import type { Redis } from 'ioredis';
import { freePort, type Held, RedisServer } from './redis-server.js';
import { until } from './workspace.js';

const SLOTS = 16_384;

interface ClusterOptions {
  masters?: number;
  /** One for each master, or none. */
  hasReplicas?: boolean;
  /** Slots from this one on are left without a server. */
  slotsUpTo?: number;
  /** Further words of every node's command line. */
  nodeOptions?: readonly string[];
  /** `--tls-port` for nodes that speak TLS only. */
  portOption?: '--port' | '--tls-port';
}

/** A cluster of real processes, until the test is over. The masters come first among its nodes. */
export class Cluster {
  readonly nodes: RedisServer[] = [];
  readonly busPorts: number[] = [];

  readonly #clients = new Map<RedisServer, Redis>();

  private constructor(readonly masterCount: number) {}

  static async forTest(workspace: string, options: ClusterOptions = {}): Promise<Cluster> {
    const { masters = 3, hasReplicas = true, slotsUpTo = SLOTS, nodeOptions = [], portOption = '--port' } = options;
    const cluster = new Cluster(masters);
    const count = hasReplicas ? masters * 2 : masters;
    for (let i = 0; i < count; i++) {
      const busPort = await freePort();
      const words = [portOption, 'free', '--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
      words.push('--cluster-node-timeout', '4000', '--repl-diskless-sync-delay', '0', ...nodeOptions);
      cluster.nodes.push(await RedisServer.forTest(workspace, words));
      cluster.busPorts.push(busPort);
    }
    const clients = cluster.nodes.map((node) => cluster.client(node));
    const share = slotsUpTo / masters;
    for (let i = 0; i < count; i++) {
      const client = clients[i] as Redis;
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
      const range = [Math.ceil(i * share), Math.ceil((i + 1) * share) - 1];
      if (i < masters) await client.call('CLUSTER', 'ADDSLOTSRANGE', ...range);
    }
    const [first] = clients as [Redis];
    for (let i = 1; i < count; i++) {
      await first.call('CLUSTER', 'MEET', '127.0.0.1', cluster.nodes[i]?.port as number, cluster.busPorts[i] as number);
    }
    for (const client of clients) {
      await until(async () => String(await client.call('CLUSTER', 'INFO')).includes(`cluster_known_nodes:${count}`));
    }
    for (let i = masters; i < count; i++) {
      const masterId = await cluster.idOf(cluster.nodes[i - masters] as RedisServer);
      const client = clients[i] as Redis;
      await until(async () => String(await client.call('CLUSTER', 'NODES')).includes(masterId));
      await client.call('CLUSTER', 'REPLICATE', masterId);
      await until(async () => (await client.info('replication')).includes('master_link_status:up'));
    }
    // Each node learns of the others' slots by gossip, so a cluster with a gap may look emptier to one node than to another.
    await cluster.#everyNodeSays(`cluster_slots_assigned:${slotsUpTo}\r`);
    if (slotsUpTo === SLOTS) await cluster.isSound();
    return cluster;
  }

  /** The target, as `--to` takes it. */
  get url(): string {
    return `cluster://${this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`;
  }

  /** The test's own connection to a node. */
  client(node: RedisServer): Redis {
    let client = this.#clients.get(node);
    if (client === undefined || client.status === 'end') {
      client = node.client();
      this.#clients.set(node, client);
    }
    return client;
  }

  async idOf(node: RedisServer): Promise<string> {
    return String(await this.client(node).call('CLUSTER', 'MYID'));
  }

  /** Resolves when every node takes the cluster for sound. */
  async isSound(): Promise<void> {
    await this.#everyNodeSays('cluster_state:ok');
  }

  /** Resolves when this is in every node's CLUSTER INFO. */
  async #everyNodeSays(line: string): Promise<void> {
    for (const node of this.nodes) {
      await until(async () => String(await this.client(node).call('CLUSTER', 'INFO')).includes(line));
    }
  }

  /** Moves slots, with their keys, from one master to another, as redis-cli --cluster reshard does. */
  async moveSlots(first: number, last: number, from: RedisServer, to: RedisServer): Promise<void> {
    const [source, destination] = [this.client(from), this.client(to)];
    const [sourceId, destinationId] = [await this.idOf(from), await this.idOf(to)];
    for (let slot = first; slot <= last; slot++) {
      await destination.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId);
      await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', destinationId);
      for (;;) {
        const keys = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 50)) as string[];
        if (keys.length === 0) break;
        await source.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys);
      }
      for (const client of [destination, source]) await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', destinationId);
    }
  }

  /** The nodes that live and take writes. */
  async masters(): Promise<RedisServer[]> {
    const living = this.nodes.filter(({ isUp }) => isUp);
    const roles = await Promise.all(living.map((node) => this.client(node).info('replication')));
    return living.filter((_, i) => roles[i]?.includes('role:master'));
  }

  /** Everything that the masters hold. */
  async contents(): Promise<Map<string, Held>> {
    const parts = await Promise.all((await this.masters()).map((node) => node.contents()));
    return new Map(parts.flatMap((part) => [...part]));
  }

  /** Keys on all masters, but for markers. */
  async size(): Promise<number> {
    const sizes = await Promise.all((await this.masters()).map((node) => this.#sizeOf(this.client(node))));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async #sizeOf(client: Redis): Promise<number> {
    return (await client.dbsize()) - (await client.keys('*sess2redis-marker*')).length;
  }
}
