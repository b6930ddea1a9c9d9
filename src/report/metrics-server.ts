import { createServer, type Server } from 'node:http';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';

/** Answers `GET /metrics` while a run lasts, and nothing else. */
export class MetricsServer {
  private constructor(readonly server: Server) {}

  /** @param render the text at the time of asking @throws {OperatorError} when the address can't be had */
  static async listen(
    host: string,
    port: number,
    contentType: string,
    render: () => Promise<string>,
  ): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      const path = (request.url ?? '').split('?', 1)[0];
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (path !== '/metrics' || !isRead) {
        response.writeHead(path === '/metrics' ? 405 : 404, { 'content-type': 'text/plain' }).end('see /metrics\n');
        return;
      }
      render().then(
        (text) => response.writeHead(200, { 'content-type': contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', ({ code }: NodeJS.ErrnoException) => {
        reject(new OperatorError(EXIT.usage, `--metrics-listen ${host}:${port} cannot be had (${code}): name another`));
      });
      server.listen(port, host, resolve);
    });
    return new MetricsServer(server);
  }

  /** Ends at once, also for scrapers that hold their connection open. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}
