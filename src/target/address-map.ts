import type { Host, MappedHost } from './endpoint.js';
import { badTarget } from './url-parts.js';

const EXAMPLE = 'write --address-map from=to as host:port=host:port, or host=host for all ports';

/** Reads one `--address-map`: where the host that a sentinel or a node announces is reached. @throws {OperatorError} */
export function parseMappedHost(text: string): MappedHost {
  const [from, to, ...more] = text.split('=');
  if (from === undefined || to === undefined || more.length > 0)
    throw badTarget(`${quoted(text)} is no pair: ${EXAMPLE}`);
  const mapped = { from: hostIn(from, text), to: hostIn(to, text) };
  if (mapped.from.port === 0 && mapped.to.port !== 0) {
    throw badTarget(`${quoted(text)} leads all ports to one: ${EXAMPLE}`);
  }
  return mapped;
}

/** `host`, `host:port`, `[address]:port` or an IPv6 address alone; port 0 for none. */
function hostIn(text: string, pair: string): Host {
  const trimmed = text.trim();
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s/@]+))(?::(\d{1,5}))?$/.exec(trimmed);
  if (match === null && /^[0-9a-fA-F:.]+$/.test(trimmed) && trimmed.includes(':')) return { address: trimmed, port: 0 };
  const port = Number(match?.[3] ?? 0);
  if (match === null || port > 65_535 || (match[3] !== undefined && port === 0)) {
    throw badTarget(`${quoted(pair)} names a host that is none: ${EXAMPLE}`);
  }
  return { address: match[1] ?? (match[2] as string), port };
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}
