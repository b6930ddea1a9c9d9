import net from 'node:net';
import { onTestFinished } from 'vitest';
import type { Endpoint } from '../../src/redis/endpoint.js';

/** What the box makes of a command: the bytes that it answers itself, null to pass it on; `hang-up` closes the connection. */
export type Rule = (words: readonly string[]) => string | null | 'hang-up';

/** The texts in which managed servers and proxies refuse a command, by whose they are; `%` stands for the command. */
export const REFUSALS: Readonly<Record<string, string>> = {
  Redis: "ERR unknown command '%', with args beginning with: ",
  Upstash: "ERR Command is not available: '%'",
  Alibaba: 'ERR command % not support for normal user',
  Tencent: 'ERR command % not support for your account',
  Envoy: 'ERR unsupported command',
  Codis: "ERR handle request, command '%' is not allowed",
  nobody: 'FORBIDDEN by policy 7',
};

/** Stands before a real Redis and answers some commands itself, one after the other as they come. */
export class RefusingBox {
  /** Names of the commands that came. */
  readonly seen: string[] = [];
  port = 0;

  private constructor(
    readonly to: net.NetConnectOpts,
    public rule: Rule,
  ) {}

  /** Until the test is over. @param to where the server listens */
  static async forTest(to: net.NetConnectOpts, rule: Rule = () => null): Promise<RefusingBox> {
    const box = new RefusingBox(to, rule);
    const sockets = new Set<net.Socket>();
    const listener = net.createServer((client) => {
      sockets.add(client);
      box.#serve(client);
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    box.port = (listener.address() as net.AddressInfo).port;
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      listener.close();
    });
    return box;
  }

  get endpoint(): Endpoint {
    return { kind: 'tcp', address: '127.0.0.1', port: this.port, tls: { isVerified: true } };
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Refuses `command` with this text from now on, by an error reply. */
  refuse(command: string, text: string): void {
    this.rule = ([name]) => (name === command ? `-${text.replace('%', command)}\r\n` : null);
  }

  #serve(client: net.Socket): void {
    const server = net.connect(this.to);
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    // What is still to be answered: the box's own bytes, or null for the next reply of the server's.
    const due: (string | null)[] = [];
    let [asked, answered] = [Buffer.alloc(0), Buffer.alloc(0)];
    const flush = () => {
      while (due.length > 0) {
        const own = due[0];
        if (own === undefined) return;
        if (own === null) {
          const length = replyLength(answered, 0);
          if (length < 0) return;
          client.write(answered.subarray(0, length));
          answered = answered.subarray(length);
        } else client.write(Buffer.from(own, 'latin1'));
        due.shift();
      }
    };
    client.on('data', (data: Buffer) => {
      asked = Buffer.concat([asked, data]);
      for (let length = replyLength(asked, 0); length >= 0; length = replyLength(asked, 0)) {
        const bytes = asked.subarray(0, length);
        asked = asked.subarray(length);
        const words = wordsIn(bytes);
        words[0] = (words[0] ?? '').toUpperCase();
        this.seen.push(words[0]);
        const own = this.rule(words);
        if (own === 'hang-up') return end();
        due.push(own);
        if (own === null) server.write(bytes);
      }
      flush();
    });
    server.on('data', (data: Buffer) => {
      answered = Buffer.concat([answered, data]);
      flush();
    });
  }
}

/** Bytes of the reply, or of the command, that begins here; -1 where its end has not come. */
function replyLength(bytes: Buffer, start: number): number {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd < 0) return -1;
  const count = Number(bytes.toString('latin1', start + 1, lineEnd));
  let end = lineEnd + 2;
  if (bytes[start] === 0x24)
    return count < 0 ? end - start : end + count + 2 > bytes.length ? -1 : end + count + 2 - start;
  if (bytes[start] !== 0x2a) return end - start;
  for (let i = 0; i < count; i++) {
    const length = replyLength(bytes, end);
    if (length < 0) return -1;
    end += length;
  }
  return end - start;
}

function wordsIn(command: Buffer): string[] {
  const words: string[] = [];
  let at = command.indexOf('\r\n') + 2;
  while (at < command.length) {
    const lineEnd = command.indexOf('\r\n', at);
    const length = Number(command.toString('latin1', at + 1, lineEnd));
    words.push(command.toString('latin1', lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 4 + length;
  }
  return words;
}
