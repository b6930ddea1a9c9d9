import { type Endpoint, type Host, type MappedHost, type Server, serverAt } from './endpoint.js';

/** A name or address as hosts have them (RFC 1123; IPv6 with a zone). */
const HOST_NAME = /^[\w.:%-]{1,253}$/;

/** What another server gave for an address; null where it can be none. @param address bytes, or nothing */
export function announcedHost(address: unknown, port: number): Host | null {
  const text = address instanceof Buffer || typeof address === 'string' ? String(address) : '';
  if (!HOST_NAME.test(text) || !(Number.isInteger(port) && port > 0 && port < 65_536)) return null;
  return { address: text, port };
}

/** The server at an address that `announcedBy` told, or where the operator's map leads from there. */
export function announcedServer(endpoint: Endpoint, host: Host, announcedBy: string): Server {
  const mapped = mappedHost(endpoint.addressMap ?? [], host);
  return { ...serverAt(endpoint, mapped ?? host), announcedBy, ...(mapped !== null && { announcedAs: host }) };
}

function mappedHost(map: readonly MappedHost[], { address, port }: Host): Host | null {
  const same = map.filter(({ from }) => from.address.toLowerCase() === address.toLowerCase());
  const found = same.find(({ from }) => from.port === port) ?? same.find(({ from }) => from.port === 0);
  return found === undefined ? null : { address: found.to.address, port: found.to.port === 0 ? port : found.to.port };
}
