import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';

/** PEM texts, not file names, so that lanes need no file access for them. */
interface TlsSettings {
  ca?: string;
  cert?: string;
  key?: string;
  /** Off only when the operator said so: whoever can pose as the server reads every login. */
  isVerified: boolean;
}

/** Where the target is and how to log in. Crosses threads, so it is plain data. */
export interface Endpoint {
  kind: 'tcp' | 'tls' | 'unix';
  /** Host name without brackets, or the socket's path. */
  address: string;
  port: number;
  username?: string;
  password?: string;
  /** Database index named in the URL; undefined leaves the choice to the profile. */
  databaseIndex?: number;
  tls: TlsSettings;
}

const DEFAULT_PORT = 6379;
const EXAMPLE = 'write redis://host:6379/0, rediss://host:6380/0 or unix:///run/redis/redis.sock?db=0';

/** Reads `--to`. @throws {OperatorError} with exit code 2; its message never repeats a password */
export function parseTarget(text: string): Endpoint {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    if (/^unix:\/\/[^/]*@/.test(text)) {
      throw bad('a unix target takes no password: give it by --password-file or SESS2REDIS_PASSWORD');
    }
    throw bad(`the target is not a URL: ${EXAMPLE}`);
  }
  const credentials = {
    ...(url.username !== '' && { username: decode(url.username) }),
    ...(url.password !== '' && { password: decode(url.password) }),
  };
  switch (url.protocol) {
    case 'redis:':
    case 'rediss:': {
      if (url.hostname === '') throw bad(`the target names no host: ${EXAMPLE}`);
      if (url.search !== '' || url.hash !== '') throw bad(`the target has a part that means nothing here: ${EXAMPLE}`);
      const kind = url.protocol === 'rediss:' ? 'tls' : 'tcp';
      const address = decode(url.hostname).replace(/^\[(.*)\]$/, '$1');
      const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
      const index = databaseIndex(url.pathname.replace(/^\/|\/$/g, ''));
      return { kind, address, port, ...credentials, ...index, tls: { isVerified: true } };
    }
    case 'unix:': {
      const address = decode(url.pathname);
      if (url.hostname !== '' || address.length < 2) {
        throw bad(`a unix target needs an absolute path: ${EXAMPLE}`);
      }
      if (url.hash !== '' || [...url.searchParams.keys()].some((name) => name !== 'db')) {
        throw bad(`the target has a part that means nothing here: ${EXAMPLE}`);
      }
      const index = databaseIndex(url.searchParams.get('db') ?? '');
      return { kind: 'unix', address, port: 0, ...credentials, ...index, tls: { isVerified: true } };
    }
    case 'sentinel:':
    case 'cluster:':
      throw bad(`this version writes to a single server; name the master itself: ${EXAMPLE}`);
    default:
      throw bad(`the target starts with ${url.protocol}//, which is no Redis: ${EXAMPLE}`);
  }
}

/** The target as it may be shown: no password, no user. */
export function describeEndpoint(endpoint: Endpoint): string {
  const index = endpoint.databaseIndex ?? 0;
  if (endpoint.kind === 'unix') return `unix://${endpoint.address}?db=${index}`;
  const host = endpoint.address.includes(':') ? `[${endpoint.address}]` : endpoint.address;
  return `${endpoint.kind === 'tls' ? 'rediss' : 'redis'}://${host}:${endpoint.port}/${index}`;
}

function databaseIndex(text: string): { databaseIndex?: number } {
  if (text === '') return {};
  if (!/^\d{1,5}$/.test(text)) throw bad(`the database in the target is not a number: ${EXAMPLE}`);
  return { databaseIndex: Number(text) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad('the target holds a % that is not followed by two hex digits: write %25 for a percent sign');
  }
}

function bad(reason: string): OperatorError {
  return new OperatorError(EXIT.usage, reason);
}
