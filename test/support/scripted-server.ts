import net from 'node:net';
import type { Endpoint } from '../../src/redis/endpoint.js';

/** What a scripted server does with the nth piece of data that it receives. */
type Script = (socket: net.Socket, received: Buffer, nth: number) => void;

/** A peer on a local port that does exactly what a test tells it, where a real Redis would be too well-behaved. */
export class ScriptedServer {
  readonly received: Buffer[] = [];

  private constructor(
    readonly server: net.Server,
    readonly endpoint: Endpoint,
  ) {}

  static async start(script: Script): Promise<ScriptedServer> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    const scripted = new ScriptedServer(server, { kind: 'tcp', address: '127.0.0.1', port, tls: { isVerified: true } });
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => script(socket, data, scripted.received.push(data) - 1));
    });
    return scripted;
  }

  /** Everything that was sent to it, as text. */
  get text(): string {
    return Buffer.concat(this.received).toString('latin1');
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
  }
}
