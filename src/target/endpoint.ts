import { parseDiscovery } from './endpoint-discovery.js';
import { mistakeIn } from './url-hints.js';
import { badTarget, databaseIndex, decode } from './url-parts.js';

/** PEM texts, not file names, so that lanes need no file access for them. */
interface TlsSettings {
  ca?: string;
  cert?: string;
  key?: string;
  /** Off only when the operator said so: whoever can pose as the server reads every login. */
  isVerified: boolean;
}

/** One server and how to log in. Crosses threads, so it is plain data. */
export interface Server {
  kind: 'tcp' | 'tls' | 'unix';
  /** Host name without brackets, or the socket's path. */
  address: string;
  port: number;
  username?: string;
  password?: string;
  /** Database index named in the URL; undefined leaves the choice to the profile. */
  databaseIndex?: number;
  tls: TlsSettings;
  /** Who gave the address where the operator did not: a sentinel, a node of the cluster. */
  announcedBy?: string;
  /** As it was given, where the operator's map leads to another one. */
  announcedAs?: Host;
}

export interface Host {
  address: string;
  port: number;
}

/** Where a server is reached that is announced at another place; a port of 0 stands for all, which are kept. */
export interface MappedHost {
  from: Host;
  to: Host;
}

/** Where to ask for the servers that take writes. A sentinel has a login of its own. */
type Discovery =
  | { by: 'sentinel'; hosts: readonly Host[]; master: string; username?: string; password?: string }
  | { by: 'cluster'; hosts: readonly Host[] };

/** The target. With `discovery` its address is but the first that was named, and {@link serverAt} makes servers of others. */
export interface Endpoint extends Server {
  discovery?: Discovery;
  /** The password stood in the URL. */
  isPasswordInUrl?: true;
  /** What sentinels and nodes announce is looked up here. */
  addressMap?: readonly MappedHost[];
}

const DEFAULT_PORT = 6379;
const EXAMPLE =
  'write redis://host:6379/0, rediss://host:6380/0, unix:///run/redis/redis.sock?db=0, sentinel://h1,h2/<master> or cluster://h1,h2';

/** Reads `--to`. @throws {OperatorError} with exit code 2; its message never repeats a password */
export function parseTarget(text: string): Endpoint {
  const mistake = mistakeIn(text);
  if (mistake !== null) throw mistake;
  const discovered = parseDiscovery(text);
  if (discovered !== null) return discovered;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    if (/^unix:\/\/[^/]*@/.test(text)) {
      throw badTarget('a unix target takes no password: give it by --password-file or SESS2REDIS_PASSWORD');
    }
    throw badTarget(`the target is not a URL: ${EXAMPLE}`);
  }
  const credentials = {
    ...(url.username !== '' && { username: decode(url.username) }),
    ...(url.password !== '' && { password: decode(url.password) }),
  };
  switch (url.protocol) {
    case 'redis:':
    case 'rediss:': {
      if (url.hostname === '') throw badTarget(`the target names no host: ${EXAMPLE}`);
      if (url.search !== '' || url.hash !== '')
        throw badTarget(`the target has a part that means nothing here: ${EXAMPLE}`);
      const kind = url.protocol === 'rediss:' ? 'tls' : 'tcp';
      const address = decode(url.hostname).replace(/^\[(.*)\]$/, '$1');
      const port = url.port === '' ? DEFAULT_PORT : Number(url.port);
      const index = databaseIndex(url.pathname.replace(/^\/|\/$/g, ''));
      return { kind, address, port, ...credentials, ...index, tls: { isVerified: true } };
    }
    case 'unix:': {
      const address = decode(url.pathname);
      if (url.hostname !== '' || address.length < 2) {
        throw badTarget(`a unix target needs an absolute path: ${EXAMPLE}`);
      }
      if (url.hash !== '' || [...url.searchParams.keys()].some((name) => name !== 'db')) {
        throw badTarget(`the target has a part that means nothing here: ${EXAMPLE}`);
      }
      const index = databaseIndex(url.searchParams.get('db') ?? '');
      return { kind: 'unix', address, port: 0, ...credentials, ...index, tls: { isVerified: true } };
    }
    default:
      throw badTarget(`the target starts with ${url.protocol}//, which is no Redis: ${EXAMPLE}`);
  }
}

/** The target as it may be shown: no password, no user. */
export function describeEndpoint(endpoint: Endpoint): string {
  const { kind, discovery, databaseIndex: index = 0 } = endpoint;
  const secure = kind === 'tls' ? 's' : '';
  if (discovery !== undefined) {
    const hosts = discovery.hosts.map(describeHost).join(',');
    if (discovery.by === 'cluster') return `cluster${secure}://${hosts}`;
    return `sentinel${secure}://${hosts}/${encodeURIComponent(discovery.master)}?db=${index}`;
  }
  if (kind === 'unix') return `unix://${endpoint.address}?db=${index}`;
  return `redis${secure}://${describeHost(endpoint)}/${index}`;
}

/** `host:port`, with an IPv6 address in brackets. */
export function describeHost({ address, port }: Host): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** The server at another address that is logged in to in the same way. */
export function serverAt(endpoint: Endpoint, { address, port }: Host): Server {
  const { discovery: _, addressMap: __, announcedBy: ___, announcedAs: ____, ...server } = endpoint;
  return { ...server, address, port };
}
