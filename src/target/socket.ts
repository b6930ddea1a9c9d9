import net from 'node:net';
import tls from 'node:tls';
import type { Server } from './endpoint.js';
import { SPEAKS_NO_TLS, unreachable } from './unreachable.js';

export const CONNECT_TIMEOUT_MS = 10_000;
/** A peer that says so long nothing to a TLS greeting may be one that speaks no TLS, which waits for a line to end. */
const GREETING_MS = 2000;
/** A server that turns clients away says so at once. */
const FIRST_WORDS_MS = 500;

/** A connection, with TLS where the server has it. @throws {OperatorError} */
export function openSocket(server: Server, timeoutMs: number, signal?: AbortSignal): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const isTls = server.kind === 'tls';
    const socket = isTls ? tls.connect(tlsOptions(server)) : net.connect(plainOptions(server));
    const end = () => {
      clearTimeout(timer);
      clearTimeout(doubt);
      signal?.removeEventListener('abort', stop);
    };
    const give = (error: Error) => {
      end();
      socket.destroy();
      // A second one may follow; nobody listens any more.
      socket.on('error', () => {});
      reject(unreachable(server, error));
    };
    const stop = () => give(new Error('given up'));
    let doubt: NodeJS.Timeout | undefined;
    const timer = setTimeout(() => give(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) return stop();
    socket.once('error', give);
    if (isTls) {
      socket.once('connect', () => {
        doubt = setTimeout(
          async () => {
            if (await speaksPlainly(server))
              give(Object.assign(new Error('it speaks no TLS'), { code: SPEAKS_NO_TLS }));
          },
          Math.min(GREETING_MS, timeoutMs / 2),
        );
      });
    }
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      end();
      socket.off('error', give);
      resolve(socket);
    });
  });
}

/** Whether the server answers a plain PING, which needs no login to be understood. */
async function speaksPlainly(server: Server): Promise<boolean> {
  const words = await heard({ ...server, kind: 'tcp' }, 'PING\r\n');
  return words !== null && /^[+-][A-Za-z]/.test(words.toString('latin1'));
}

/** Whether a server that makes nothing of plain text answers the greeting of TLS, be it by an alert. */
export function speaksTls(server: Server): Promise<boolean> {
  return new Promise((resolve) => {
    if (server.kind !== 'tcp') return resolve(false);
    // Nothing is sent but the greeting, so it does not matter who answers.
    const socket = tls.connect({ host: server.address, port: server.port, rejectUnauthorized: false });
    const end = (isTls: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isTls);
    };
    const timer = setTimeout(() => end(false), GREETING_MS);
    socket.on('secureConnect', () => end(true));
    socket.on('error', (error: NodeJS.ErrnoException) => end(/ALERT/.test(error.code ?? '')));
    socket.on('close', () => end(false));
  });
}

/** What a server says at first to a client that begins with `greeting`; null for nothing, and where it has TLS. */
export function heard(server: Server, greeting: string): Promise<Buffer | null> {
  return new Promise((resolve) => {
    if (server.kind === 'tls') return resolve(null);
    const socket = net.connect(plainOptions(server));
    const end = (words: Buffer | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(words);
    };
    const timer = setTimeout(() => end(null), FIRST_WORDS_MS);
    socket.on('error', () => end(null));
    socket.on('close', () => end(null));
    socket.on('connect', () => {
      if (greeting !== '') socket.write(greeting);
    });
    socket.once('data', (data: Buffer) => end(data));
  });
}

function plainOptions({ kind, address, port }: Server): net.NetConnectOpts {
  return kind === 'unix' ? { path: address } : { host: address, port };
}

/** The options of `tls.connect` for this server. */
export function tlsOptions(server: Server): tls.ConnectionOptions & { host: string; port: number } {
  const { ca, cert, key, isVerified } = server.tls;
  // Behind a mapped address stands the server that announced itself by another name, and its certificate may say either.
  const names = [server.announcedAs?.address, server.address].filter((name) => name !== undefined);
  const name = names.find((each) => net.isIP(each) === 0);
  return {
    host: server.address,
    port: server.port,
    // An IP address is no server name (RFC 6066, section 3).
    ...(name !== undefined && { servername: name }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(names.length > 1 && { checkServerIdentity: (_: string, peer: tls.PeerCertificate) => misnamed(names, peer) }),
    rejectUnauthorized: isVerified,
  };
}

function misnamed(names: readonly string[], peer: tls.PeerCertificate): Error | undefined {
  const faults = names.map((name) => tls.checkServerIdentity(name, peer));
  return faults.includes(undefined) ? undefined : faults[0];
}
