import net from 'node:net';
import tls from 'node:tls';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { describeEndpoint, type Server } from './endpoint.js';
import { ErrorReply, type Reply, ReplyParser } from './replies.js';
import { operatorErrorOf } from './reply-errors.js';

export const CONNECT_TIMEOUT_MS = 10_000;
/**
 * How long the server may stay silent while replies are due. A longer pause of a living server costs no more than a new
 * connection, as what became of the commands is looked up there.
 */
const REPLY_TIMEOUT_MS = 15_000;
/** The same where somebody waits for the run to end. */
const HURRIED_TIMEOUT_MS = 3000;
/** An idle connection is probed after this time, and then each second ten times (libuv, uv__tcp_keepalive). */
const KEEP_ALIVE_MS = 15_000;

export interface ConnectOptions {
  /** For connecting and for each reply while logging in. */
  timeoutMs?: number;
  /** Gives up connecting. */
  signal?: AbortSignal;
}

interface Pending {
  expected: number;
  replies: Reply[];
  resolve: (replies: Reply[]) => void;
  reject: (error: Error) => void;
}

/**
 * One connection for bulk writes: ready-made command bytes go out, replies come back in order and are counted. It
 * never reconnects and never sends anything twice, so after a failure it is exactly known which replies arrived
 * (`repliesOf` the error). Bulk commands bypass ioredis because a command object, a promise and an encoding per key
 * cost three times what reading the session file costs (measured: 4.2 µs against 0.5 µs of client CPU per key), and
 * because ioredis resends or loses a batch whose connection breaks.
 */
export class Wire {
  readonly #socket: net.Socket;
  readonly #parser = new ReplyParser();
  readonly #pending: Pending[] = [];
  #failure: OperatorError | null = null;
  #timeoutMs: number;

  private constructor(
    socket: net.Socket,
    readonly endpoint: Server,
    timeoutMs: number,
  ) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.setTimeout(timeoutMs);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('data', (data) => this.#receive(data));
    socket.on('error', (error) => this.#fail(unreachable(endpoint, error)));
    socket.on('close', () => this.#fail(unreachable(endpoint, new Error('the connection was closed'))));
    socket.on('timeout', () => {
      if (this.#pending.length > 0) {
        this.#fail(unreachable(endpoint, new Error(`no reply within ${this.#timeoutMs / 1000} s`)));
      }
    });
  }

  /** Connects, logs in and selects the database. @throws {OperatorError} */
  static async connect(endpoint: Server, options: ConnectOptions = {}): Promise<Wire> {
    const { timeoutMs = CONNECT_TIMEOUT_MS, signal } = options;
    const wire = new Wire(await openSocket(endpoint, timeoutMs, signal), endpoint, timeoutMs);
    const { username, password, databaseIndex = 0 } = endpoint;
    const steps: string[][] = [];
    if (password !== undefined) steps.push(username === undefined ? ['AUTH', password] : ['AUTH', username, password]);
    if (databaseIndex !== 0) steps.push(['SELECT', String(databaseIndex)]);
    try {
      for (const step of steps) {
        const [reply] = await wire.request(encodeCommand(step), 1);
        if (reply instanceof ErrorReply) throw operatorErrorOf(reply.text);
      }
    } catch (error) {
      wire.close();
      throw error;
    }
    wire.#awaitFor(REPLY_TIMEOUT_MS);
    return wire;
  }

  get isOpen(): boolean {
    return this.#failure === null;
  }

  /** Waits for no reply longer than some seconds from now on: the run is to end. */
  hurry(): void {
    this.#awaitFor(HURRIED_TIMEOUT_MS);
  }

  /**
   * Sends the commands in `bytes`, which must stay untouched until the promise settles, and resolves to their
   * `expected` replies. @throws {LostReplies} when the connection fails first, with the replies that did arrive
   */
  request(bytes: Uint8Array, expected: number): Promise<Reply[]> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(new LostReplies([], this.#failure, false));
        return;
      }
      this.#pending.push({ expected, replies: [], resolve, reject });
      this.#socket.write(bytes);
    });
  }

  close(): void {
    this.#fail(unreachable(this.endpoint, new Error('closed')));
  }

  #awaitFor(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
    this.#socket.setTimeout(timeoutMs);
  }

  #receive(data: Buffer): void {
    const replies: Reply[] = [];
    let failure: unknown = null;
    try {
      this.#parser.feed(data, replies);
    } catch (error) {
      failure = error;
    }
    let next = 0;
    while (next < replies.length) {
      const pending = this.#pending[0];
      if (pending === undefined) break;
      while (pending.replies.length < pending.expected && next < replies.length) {
        pending.replies.push(replies[next++] as Reply);
      }
      if (pending.replies.length === pending.expected) {
        this.#pending.shift();
        pending.resolve(pending.replies);
      }
    }
    if (failure !== null) this.#fail(unreachable(this.endpoint, failure as Error));
  }

  #fail(error: OperatorError): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#socket.destroy();
    for (const pending of this.#pending.splice(0)) pending.reject(new LostReplies(pending.replies, error));
  }
}

/** The connection broke while replies were due: the first `replies` are known, the fate of the rest is not. */
export class LostReplies extends OperatorError {
  override readonly name = 'LostReplies';
  constructor(
    readonly replies: Reply[],
    cause: OperatorError,
    /** False where the connection was broken before anything was sent. */
    readonly wasSent = true,
  ) {
    super(cause.exitCode, cause.message, { cause });
  }
}

/** A command of text arguments in RESP. */
export function encodeCommand(words: readonly string[]): Buffer {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${parts.join('')}`);
}

function openSocket(endpoint: Server, timeoutMs: number, signal?: AbortSignal): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const isTls = endpoint.kind === 'tls';
    const socket = isTls ? tls.connect(tlsOptions(endpoint)) : net.connect(tcpOptions(endpoint));
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    };
    const give = (error: Error) => {
      end();
      socket.destroy();
      reject(unreachable(endpoint, error));
    };
    const stop = () => give(new Error('given up'));
    const timer = setTimeout(() => give(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted) return stop();
    socket.once('error', give);
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      end();
      socket.off('error', give);
      resolve(socket);
    });
  });
}

function tcpOptions({ kind, address, port }: Server): net.NetConnectOpts {
  return kind === 'unix' ? { path: address } : { host: address, port };
}

/** The options of `tls.connect` for this target; also what ioredis takes. */
export function tlsOptions(endpoint: Server): tls.ConnectionOptions & { host: string; port: number } {
  const { ca, cert, key, isVerified } = endpoint.tls;
  return {
    host: endpoint.address,
    port: endpoint.port,
    // An IP address is no server name (RFC 6066, section 3).
    ...(net.isIP(endpoint.address) === 0 && { servername: endpoint.address }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: isVerified,
  };
}

const CERTIFICATE_ADVICE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'have it renewed',
  CERT_NOT_YET_VALID: 'check the clocks of both machines',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is made out to another name, write that one in the target',
};

/** The sentence for a target that can't be reached or was lost. */
export function unreachable(endpoint: Server, error: Error): OperatorError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const where = describeEndpoint(endpoint);
  if (code === 'EACCES') return new OperatorError(EXIT.permission, `${where}: this user may not open the socket`);
  if (/CERT|ALTNAME|SELF_SIGNED|UNABLE_TO/.test(code)) {
    const advice = CERTIFICATE_ADVICE[code] ?? 'name its authority by --tls-ca';
    return new OperatorError(EXIT.permission, `${where}: the server's certificate is not trusted (${code}): ${advice}`);
  }
  const reason = code === '' ? error.message : `${error.message.includes(code) ? error.message : code}`;
  return new OperatorError(
    EXIT.temporary,
    `${where}: ${reason}: check the address and that Redis runs, then run again`,
    {
      cause: error,
    },
  );
}
