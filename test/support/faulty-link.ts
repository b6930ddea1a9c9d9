import net from 'node:net';
import { onTestFinished } from 'vitest';

/** How much of the answer to a batch of writes comes through before the link is cut; `unsent`: nor does the batch. */
export type CutAt = 'unsent' | 'none' | 'some' | 'all';

/** Replies are complete when none has come for so long. */
const QUIET_MS = 60;

const BULK_WRITE = /\r\n(SET|EVALSHA|EVAL)\r\n/;

interface Pair {
  client: net.Socket;
  server: net.Socket;
}

/** A way to a server, by a loopback port, on which a test makes everything go wrong that can. */
export class FaultyLink {
  port = 0;
  /** Connections that were cut. */
  cuts = 0;
  readonly #pairs = new Set<Pair>();
  readonly #listener: net.Server;
  #cutsToCome: CutAt[] = [];
  #isSilent = false;
  #isRefusing = false;
  #bytesPerSecond = Number.POSITIVE_INFINITY;

  private constructor(readonly to: net.NetConnectOpts) {
    this.#listener = net.createServer((client) => this.#accept(client));
  }

  /** Until the test is over. @param to where the server listens */
  static async forTest(to: net.NetConnectOpts): Promise<FaultyLink> {
    const link = new FaultyLink(to);
    await new Promise<void>((resolve) => link.#listener.listen(0, '127.0.0.1', resolve));
    link.port = (link.#listener.address() as net.AddressInfo).port;
    onTestFinished(() => {
      link.cut();
      link.#listener.close();
    });
    return link;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Cuts the connections that carry the next batches of writes, each once, at these places. */
  cutNext(...places: CutAt[]): void {
    this.#cutsToCome.push(...places);
  }

  /** Cuts every connection now. */
  cut(): void {
    for (const pair of this.#pairs) this.#cutPair(pair);
  }

  /** From now on nothing comes through in either direction, and nobody is told: a half-open link. New ones are as silent. */
  silence(isSilent: boolean): void {
    this.#isSilent = isSilent;
  }

  /** Closes every new connection at once. */
  refuse(isRefusing: boolean): void {
    this.#isRefusing = isRefusing;
  }

  /** Lets so much through in each direction of each connection; Infinity for all. */
  slow(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  #accept(client: net.Socket): void {
    if (this.#isRefusing) {
      client.destroy();
      return;
    }
    const pair: Pair = { client, server: net.connect(this.to) };
    this.#pairs.add(pair);
    for (const socket of [pair.client, pair.server]) {
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => this.#close(pair));
    }
    let cutting: CutAt | undefined;
    this.#carry(pair.client, pair.server, (data) => {
      if (cutting === undefined && this.#cutsToCome.length > 0 && BULK_WRITE.test(data.toString('latin1'))) {
        cutting = this.#cutsToCome.shift();
        if (cutting === 'unsent') {
          this.#cutPair(pair);
          return;
        }
      }
      pair.server.write(data);
    });
    const answer: Buffer[] = [];
    let timer: NodeJS.Timeout | undefined;
    this.#carry(pair.server, pair.client, (data) => {
      if (cutting === undefined) {
        pair.client.write(data);
        return;
      }
      answer.push(data);
      clearTimeout(timer);
      timer = setTimeout(() => {
        const all = Buffer.concat(answer);
        const share = { unsent: 0, none: 0, some: 0.5, all: 1 }[cutting as CutAt];
        pair.client.write(all.subarray(0, Math.floor(all.length * share)), () => this.#cutPair(pair));
      }, QUIET_MS);
    });
  }

  #carry(from: net.Socket, to: net.Socket, pass: (data: Buffer) => void): void {
    from.on('data', (data: Buffer) => {
      if (this.#isSilent) return;
      const delayMs = (data.length / this.#bytesPerSecond) * 1000;
      if (delayMs < 1) {
        pass(data);
        return;
      }
      from.pause();
      setTimeout(() => {
        if (to.destroyed) return;
        pass(data);
        from.resume();
      }, delayMs);
    });
  }

  #cutPair(pair: Pair): void {
    this.cuts++;
    pair.client.resetAndDestroy();
    pair.server.destroy();
  }

  #close(pair: Pair): void {
    this.#pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }
}
