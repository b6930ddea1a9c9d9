import net from 'node:net';
import tls from 'node:tls';
import { EXIT, OperatorError } from '../errors.js';
import { describeEndpoint, describeHost, type Server } from './endpoint.js';
import { NotRedis, ReplyTooLarge } from './replies.js';

const CERTIFICATE_ADVICE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'have it renewed',
  CERT_NOT_YET_VALID: 'check the clocks of both machines',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is made out to another name, write that one in the target',
};

/** What OpenSSL makes of an alert by which a server asks for the client's certificate (RFC 8446, section 6.2). */
const CERTIFICATE_WANTED = /ALERT_(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|NO_CERTIFICATE)/;
/** ... or turns down the one that it got. */
const CERTIFICATE_REFUSED = /ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)/;

/** Nobody is there, or no way leads there. */
const CANNOT_REACH =
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL) | no answer within/;

/**
 * Whether the error says that no connection came about, so that the address may be wrong as well as the server away.
 */
export function isUnreached({ cause }: OperatorError): boolean {
  if (!(cause instanceof Error)) return false;
  const { syscall } = cause as NodeJS.ErrnoException;
  return syscall === 'connect' || syscall === 'getaddrinfo' || cause.message.startsWith('no answer within');
}

/** The peer of a TLS connection answered in the clear. */
const SPEAKS_NO_TLS = 'SPEAKS_NO_TLS';

/**
 * The sentence for a target that can't be reached, or was lost. What waiting can't mend is not temporary: another
 * protocol, a certificate, what the server said before it closed.
 */
export function unreachable(server: Server, error: Error): OperatorError {
  const where = describeEndpoint(server);
  if (error instanceof OperatorError) {
    return error.message.startsWith(`${where}: `)
      ? error
      : new OperatorError(error.exitCode, `${where}: ${error.message}`);
  }
  if (error instanceof ReplyTooLarge) {
    return new OperatorError(
      EXIT.refused,
      `${where}: ${error.message}, which no Redis does here: look at what answers there`,
    );
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'EACCES') return new OperatorError(EXIT.permission, `${where}: this user may not open the socket`);
  const lasting = wrongProtocol(server, error, code) ?? wrongCertificate(server, code);
  if (lasting !== null) return new OperatorError(lasting[0], `${where}: ${lasting[1]}`);
  const reason = code === '' ? error.message : `${error.message.includes(code) ? error.message : code}`;
  if (server.announcedBy !== undefined && CANNOT_REACH.test(`${code} ${error.message}`)) {
    const sentence =
      `${server.announcedBy} says that this server is ${describeHost(server.announcedAs ?? server)}, which can't be reached ` +
      `from here (${reason}): run in its network, have it announce another address (replica-announce-ip, ` +
      'cluster-announce-ip), or name the way to it by --address-map from=to';
    return new OperatorError(EXIT.temporary, `${where}: ${sentence}`, { cause: error });
  }
  const sentence = `${where}: ${reason}: check the address and that Redis runs, then run again`;
  return new OperatorError(EXIT.temporary, sentence, { cause: error });
}

/** The first byte of a record by which TLS turns down what it does not understand (RFC 8446, section 5.1). */
const TLS_ALERT = 0x15;
export const SPEAKS_TLS = 'it speaks TLS: write rediss:// (or sentinels://, clusters://), or name its plain port';

type Lasting = [typeof EXIT.usage | typeof EXIT.permission, string];

function wrongProtocol(server: Server, error: Error, code: string): Lasting | null {
  if (server.kind === 'tls') {
    // No alert of TLS, but a record that is none: text, as Redis writes it.
    const isText = code === SPEAKS_NO_TLS || /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNKNOWN_PROTOCOL/.test(code);
    return isText
      ? [EXIT.usage, 'it speaks no TLS: write redis:// (or sentinel://, cluster://), or name its TLS port']
      : null;
  }
  if (!(error instanceof NotRedis)) return null;
  if (error.first.charCodeAt(0) === TLS_ALERT) return [EXIT.usage, SPEAKS_TLS];
  return [EXIT.usage, `${error.message}: check the address, and that it is Redis's port`];
}

function wrongCertificate({ tls }: Server, code: string): Lasting | null {
  if (CERTIFICATE_WANTED.test(code) && tls.cert === undefined) {
    return [EXIT.permission, 'the server wants a client certificate: name yours by --tls-cert and --tls-key'];
  }
  if (CERTIFICATE_REFUSED.test(code) || CERTIFICATE_WANTED.test(code)) {
    const sentence = `the server does not accept the client certificate (${code}): name another by --tls-cert and --tls-key`;
    return [EXIT.permission, sentence];
  }
  if (!/CERT|ALTNAME|SELF_SIGNED|UNABLE_TO/.test(code)) return null;
  const named =
    tls.ca === undefined ? 'name its authority by --tls-ca' : 'it was not signed by the authority in --tls-ca';
  return [EXIT.permission, `the server's certificate is not trusted (${code}): ${CERTIFICATE_ADVICE[code] ?? named}`];
}

export const CONNECT_TIMEOUT_MS = 10_000;
/** A peer that says so long nothing to a TLS greeting may be one that speaks no TLS, which waits for a line to end. */
const GREETING_MS = 2000;
/** A server that turns clients away says so at once. */
const FIRST_WORDS_MS = 500;

/**
 * A connection, with TLS where the server has it.
 * @throws {OperatorError}
 */
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
  // Behind a mapped address stands the server that announced itself by another name, and its certificate may say
  // either.
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
