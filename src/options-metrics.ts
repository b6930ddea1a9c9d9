import { isIP } from 'node:net';
import { type OptionReader, quote } from './options-reader.js';

/** Where a run's figures go for Prometheus. */
export interface MetricsOptions {
  /** File for the textfile collector, or null. */
  file: string | null;
  listen: Listen | null;
}

/** Where `GET /metrics` is answered. */
interface Listen {
  host: string;
  port: number;
}

/** What others on the network may see is decided by whoever names an address. */
const LOOPBACK = '127.0.0.1';

/** Reads `--metrics-file` and `--metrics-listen`; what is wrong becomes a fault. */
export function readMetrics(read: OptionReader): MetricsOptions {
  const file = read.text('metrics-file') ?? null;
  if (file === '') read.faults.add('--metrics-file is "": name a file, as in /var/lib/node_exporter/sess2redis.prom');
  const text = read.text('metrics-listen');
  if (text === undefined) return { file, listen: null };
  const listen = parseListen(text);
  if (listen === null) {
    read.faults.add(`--metrics-listen is ${quote(text)}: write address:port, as in 127.0.0.1:9188, or a port alone`);
  }
  return { file, listen };
}

/** `9188`, `:9188`, `127.0.0.1:9188`, `[::1]:9188` or `localhost:9188`; null for anything else. */
function parseListen(text: string): Listen | null {
  const match = /^(?:(?:\[([\da-f:.]+)\]|([\w.-]*)):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || !(port >= 1 && port <= 65_535)) return null;
  const [, ipv6, name] = match;
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? { host: ipv6, port } : null;
  if (name !== undefined && /^[\d.]+$/.test(name) && isIP(name) !== 4) return null;
  return { host: name || LOOPBACK, port };
}
