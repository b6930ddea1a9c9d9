import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { describeEndpoint, describeHost, type Server } from './endpoint.js';
import { NotRedis, Unbounded } from './replies.js';

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

/** Whether the error says that no connection came about, so that the address may be wrong as well as the server away. */
export function isUnreached({ cause }: OperatorError): boolean {
  if (!(cause instanceof Error)) return false;
  const { syscall } = cause as NodeJS.ErrnoException;
  return syscall === 'connect' || syscall === 'getaddrinfo' || cause.message.startsWith('no answer within');
}

/** The peer of a TLS connection answered in the clear. */
export const SPEAKS_NO_TLS = 'SPEAKS_NO_TLS';

/**
 * The sentence for a target that can't be reached, or was lost. What waiting can't mend is not temporary: another protocol,
 * a certificate, what the server said before it closed.
 */
export function unreachable(server: Server, error: Error): OperatorError {
  const where = describeEndpoint(server);
  if (error instanceof OperatorError) {
    return error.message.startsWith(`${where}: `)
      ? error
      : new OperatorError(error.exitCode, `${where}: ${error.message}`);
  }
  if (error instanceof Unbounded) {
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
