import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { freePort, RedisServer } from './redis-server.js';
import { until } from './workspace.js';

export const MASTER_NAME = 'fake-master';

interface SentinelOptions {
  /** Sentinels; a quorum is more than half of them. */
  sentinels?: number;
  replicas?: number;
  /** What the sentinels ask for. */
  sentinelPassword?: string;
  /** What the data servers ask for, their replicas and the sentinels included. */
  password?: string;
}

/** A master, its replicas, and the sentinels that watch over them: real processes, until the test is over. */
export class SentinelSet {
  readonly servers: RedisServer[] = [];
  readonly sentinels: Sentinel[] = [];

  static async forTest(workspace: string, options: SentinelOptions = {}): Promise<SentinelSet> {
    const { sentinels = 3, replicas = 2, password } = options;
    const login = password === undefined ? {} : { password };
    const set = new SentinelSet();
    const words = ['--port', 'free', '--repl-diskless-sync-delay', '0'];
    if (password !== undefined) words.push('--requirepass', password, '--masterauth', password);
    const master = await RedisServer.forTest(workspace, words);
    set.servers.push(master);
    for (let i = 0; i < replicas; i++) {
      set.servers.push(await RedisServer.forTest(workspace, [...words, '--replicaof', `127.0.0.1 ${master.port}`]));
    }
    await until(async () => (await master.client(login).info('replication')).includes(`connected_slaves:${replicas}`));
    for (let i = 0; i < sentinels; i++) {
      const quorum = Math.floor(sentinels / 2) + 1;
      set.sentinels.push(await Sentinel.forTest(workspace, master.port, quorum, options));
    }
    for (const sentinel of set.sentinels) await until(() => sentinel.knows(replicas, sentinels - 1));
    return set;
  }

  /** The target, as `--to` takes it. */
  url(query = ''): string {
    const hosts = this.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `sentinel://${hosts}/${MASTER_NAME}${query}`;
  }

  /** The server that most sentinels take for the master. */
  async master(): Promise<RedisServer> {
    const ports = await Promise.all(this.sentinels.map((sentinel) => sentinel.masterPort()));
    const votes = (port: number) => ports.filter((other) => other === port).length;
    const elected = [...ports].sort((a, b) => votes(b) - votes(a))[0];
    return this.servers.find(({ port }) => port === elected) as RedisServer;
  }

  /** Ends the master as a crash would; resolves when the sentinels have agreed on another one. */
  async loseMaster(): Promise<void> {
    const lost = await this.master();
    await lost.kill();
    await until(async () => {
      const ports = await Promise.all(this.sentinels.map((sentinel) => sentinel.masterPort()));
      return ports.every((port) => port !== lost.port);
    });
  }
}

/** One sentinel, which is quick to take a server for dead. */
export class Sentinel {
  private constructor(
    readonly port: number,
    readonly client: Redis,
  ) {}

  static async forTest(
    workspace: string,
    masterPort: number,
    quorum: number,
    { password, sentinelPassword }: SentinelOptions,
  ): Promise<Sentinel> {
    const directory = mkdtempSync(join(workspace, 'sentinel-'));
    const port = await freePort();
    const file = join(directory, 'sentinel.conf');
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${directory}`,
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${masterPort} ${quorum}`,
      `sentinel down-after-milliseconds ${MASTER_NAME} 2000`,
      `sentinel failover-timeout ${MASTER_NAME} 4000`,
      ...(password === undefined ? [] : [`sentinel auth-pass ${MASTER_NAME} ${password}`]),
      ...(sentinelPassword === undefined
        ? []
        : [`requirepass ${sentinelPassword}`, `sentinel sentinel-pass ${sentinelPassword}`]),
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const child: ChildProcess = spawn('redis-server', [file, '--sentinel'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let log = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout?.on('data', (data: Buffer) => {
        log = `${log}${data}`.slice(-4000);
        if (log.includes('+monitor')) resolve();
      });
      child.on('exit', () => reject(new Error(`the sentinel ended: ${log}`)));
    });
    const client = new Redis({
      port,
      host: '127.0.0.1',
      ...(sentinelPassword !== undefined && { password: sentinelPassword }),
    });
    client.on('error', () => {});
    onTestFinished(async () => {
      client.disconnect();
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
    });
    return new Sentinel(port, client);
  }

  async masterPort(): Promise<number> {
    const reply = (await this.client.call('SENTINEL', 'get-master-addr-by-name', MASTER_NAME)) as string[] | null;
    return Number(reply?.[1]);
  }

  /** Whether it has found so many replicas and so many other sentinels, and may act on it. */
  async knows(replicas: number, others: number): Promise<boolean> {
    const fields = (await this.client.call('SENTINEL', 'MASTER', MASTER_NAME)) as string[];
    const value = (name: string) => fields[fields.indexOf(name) + 1];
    return value('num-slaves') === String(replicas) && value('num-other-sentinels') === String(others);
  }
}
