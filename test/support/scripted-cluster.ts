import type { Endpoint } from '../../src/redis/endpoint.js';
import { ScriptedServer } from './scripted-server.js';

/** What a node says to a command; the words of the command come decoded. */
export type NodeScript = (words: readonly string[], node: number) => string;

/** Nodes that serve equal parts of the slots and say what a test wants, where real ones would have to be surprised in the act. */
export class ScriptedCluster {
  readonly nodes: ScriptedServer[] = [];
  /** Commands about keys, by node, in the order in which they came. */
  readonly received: string[][] = [];
  /** How often the slots were asked for. */
  slotQuestions = 0;
  /** First slot, last slot and node of each range; equal parts unless a test says otherwise. */
  ranges: [number, number, number][] = [];

  static async start(count: number, script: NodeScript): Promise<ScriptedCluster> {
    const cluster = new ScriptedCluster();
    for (let node = 0; node < count; node++) {
      cluster.received.push([]);
      cluster.ranges.push([Math.ceil((node * 16_384) / count), Math.ceil(((node + 1) * 16_384) / count) - 1, node]);
      const answer = (words: string[]): string => {
        if (words[0] === 'ROLE') return '*1\r\n$6\r\nmaster\r\n';
        if (words[0] === 'INFO') return bulk(`run_id:${node}\r\n`);
        if (words[0] === 'CLUSTER') return cluster.#describe(words[1] as string);
        if (words[0] !== 'ASKING') cluster.received[node]?.push(words.join(' '));
        return script(words, node);
      };
      cluster.nodes.push(
        await ScriptedServer.start((socket, data) => {
          for (const words of commandsIn(data)) socket.write(answer(words));
        }),
      );
    }
    return cluster;
  }

  get endpoint(): Endpoint {
    const hosts = this.nodes.map(({ endpoint }) => ({ address: endpoint.address, port: endpoint.port }));
    return { ...(this.nodes[0] as ScriptedServer).endpoint, discovery: { by: 'cluster', hosts } };
  }

  portOf(node: number): number {
    return this.nodes[node]?.endpoint.port as number;
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.stop();
  }

  #describe(question: string): string {
    if (question !== 'SLOTS') return bulk('cluster_state:ok\r\n');
    this.slotQuestions++;
    const ranges = this.ranges.map(
      ([first, last, node]) =>
        `*3\r\n:${first}\r\n:${last}\r\n*3\r\n${bulk('127.0.0.1')}:${this.portOf(node)}\r\n${bulk('id')}`,
    );
    return `*${ranges.length}\r\n${ranges.join('')}`;
  }
}

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

/** The commands in one piece of data, each as its words; none of them is cut. */
function commandsIn(data: Buffer): string[][] {
  const commands: string[][] = [];
  const lines = data.toString('latin1').split('\r\n');
  for (let at = 0; lines[at]?.startsWith('*'); ) {
    const count = Number(lines[at]?.slice(1));
    commands.push(Array.from({ length: count }, (_, i) => lines[at + 2 + 2 * i] as string));
    at += 1 + 2 * count;
  }
  return commands;
}
