import { EXIT, OperatorError } from '../errors.js';
import { savePathMistake } from './save-path.js';

/** The database index that a URL names, if any. */
function databaseIndex(text: string): { databaseIndex?: number } {
  if (text === '') return {};
  if (!/^\d{1,5}$/.test(text))
    throw badTarget('the database in the target is not a number: write it as in redis://host:6379/0');
  return { databaseIndex: Number(text) };
}

/** Takes the percent signs out of a part of a URL. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badTarget('the target holds a % that is not followed by two hex digits: write %25 for a percent sign');
  }
}

export function badTarget(reason: string): OperatorError {
  return new OperatorError(EXIT.usage, reason);
}

const SENTINEL_PORT = 26379;
const CLUSTER_PORT = 6379;
const SENTINEL_EXAMPLE = 'write sentinel://h1:26379,h2:26379/<master>?db=0';
const CLUSTER_EXAMPLE = 'write cluster://h1:7000,h2:7000';

/** scheme, s for TLS, user and password, hosts, path, query; `URL` takes one host only. */
const FORM = /^(sentinel|cluster)(s?):\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

/** Reads `sentinel(s)://` and `cluster(s)://` with any number of hosts; null for other targets. */
function parseDiscovery(text: string): Endpoint | null {
  if (!/^(sentinel|cluster)s?:/.test(text)) return null;
  const match = FORM.exec(text);
  if (match === null) throw badTarget(`the target is not a URL: ${SENTINEL_EXAMPLE}, or ${CLUSTER_EXAMPLE.slice(6)}`);
  const [, by, secure, login = '', hostList = '', path = '', query = ''] = match;
  const isCluster = by === 'cluster';
  const example = isCluster ? CLUSTER_EXAMPLE : SENTINEL_EXAMPLE;
  const hosts = hostList.split(',').map((host) => readHost(host, isCluster ? CLUSTER_PORT : SENTINEL_PORT, example));
  const parameters = new URLSearchParams(query);
  if ([...parameters.keys()].some((name) => name !== 'db')) {
    throw badTarget(`the target has a part that means nothing here: ${example}`);
  }
  const index = databaseIndex(parameters.get('db') ?? '');
  const endpoint = {
    kind: secure === 's' ? ('tls' as const) : ('tcp' as const),
    ...(hosts[0] as Host),
    ...credentialsOf(login),
    tls: { isVerified: true },
  };
  if (isCluster) {
    if (!['', '0'].includes(path) || (index.databaseIndex ?? 0) !== 0) {
      throw badTarget(`a cluster has the database 0 only: ${example}`);
    }
    return { ...endpoint, databaseIndex: 0, discovery: { by: 'cluster', hosts } };
  }
  const master = decode(path);
  if (master === '')
    throw badTarget(`the target names no master: ${example}, with the name that the sentinels know it by`);
  if (master.includes('/')) throw badTarget(`the target has a part that means nothing here: ${example}`);
  return { ...endpoint, ...index, discovery: { by: 'sentinel', hosts, master } };
}

function readHost(text: string, defaultPort: number, example: string): Host {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text.trim());
  const port = Number(match?.[3] ?? defaultPort);
  if (match === null || port === 0 || port > 65_535) {
    throw badTarget(`the target names ${text.trim() === '' ? 'no host' : 'a host that is none'}: ${example}`);
  }
  return { address: decode(match[1] ?? (match[2] as string)), port };
}

function credentialsOf(login: string): Pick<Endpoint, 'username' | 'password'> {
  const colon = login.indexOf(':');
  const username = decode(colon < 0 ? login : login.slice(0, colon));
  const password = colon < 0 ? '' : decode(login.slice(colon + 1));
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

const SCHEMES = ['redis', 'rediss', 'unix', 'sentinel', 'sentinels', 'cluster', 'clusters'];
/** scheme, what comes before the first character that ends host and port, and the rest. */
const NETWORK = /^(?:rediss?|sentinels?|clusters?):\/\/([^/?#]*)([/?#].*)?$/is;

/**
 * What somebody meant who wrote a target that can't be read, where that can be told; null otherwise. No part of a
 * target that may be a password is repeated.
 */
function mistakeIn(text: string): OperatorError | null {
  const [, authority = '', rest = ''] = NETWORK.exec(text) ?? [];
  if (!authority.includes('@') && /@/.test(rest)) {
    return badTarget(
      'the password in the target has a /, ? or #: write %2F, %3F or %23 for it, or give it by --password-file or ' +
        'SESS2REDIS_PASSWORD',
    );
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (SCHEMES.includes(scheme)) {
    if (text.slice(scheme.length).startsWith('://')) return null;
    return noUrl(`write ${scheme}://, as in ${scheme === 'unix' ? 'unix:///run/redis.sock' : `${scheme}://host:6379`}`);
  }
  if (/^\.{0,2}\//.test(text)) return noUrl('it has no scheme, write unix:///path/to/redis.sock, an absolute path');
  // A URL takes the host of `host:port` for a scheme.
  if (HOST.test(text)) return noUrl(`it has no scheme, write redis://${text}, or rediss:// for TLS`);
  if (/@[\w.-]+(:\d{1,5})?(\/\d*)?$/.test(text) && !text.includes('://')) {
    return noUrl('it has no scheme, write redis:// before it, or rediss:// for TLS');
  }
  return null;
}

/** `host`, `host:port` or either with a database. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?(?:\/\d{1,5})?$/i;

function noUrl(advice: string): OperatorError {
  return badTarget(`the target is not a URL: ${advice}`);
}

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

/**
 * The target. With `discovery` its address is but the first that was named, and {@link serverAt} makes servers of
 * others.
 */
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

/**
 * Reads `--to`.
 * @throws {OperatorError} with exit code 2; its message never repeats a password
 */
export function parseTarget(text: string): Endpoint {
  const mistake = savePathMistake(text) ?? mistakeIn(text);
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
