import type { Endpoint, Host } from './endpoint.js';
import { badTarget, databaseIndex, decode } from './url-parts.js';

const SENTINEL_PORT = 26379;
const CLUSTER_PORT = 6379;
const SENTINEL_EXAMPLE = 'write sentinel://h1:26379,h2:26379/<master>?db=0';
const CLUSTER_EXAMPLE = 'write cluster://h1:7000,h2:7000';

/** scheme, s for TLS, user and password, hosts, path, query; `URL` takes one host only. */
const FORM = /^(sentinel|cluster)(s?):\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

/**
 * Reads `sentinel://`, `sentinels://`, `cluster://` and `clusters://` with any number of hosts; null for other targets.
 * @throws {OperatorError} with exit code 2
 */
export function parseDiscovery(text: string): Endpoint | null {
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
