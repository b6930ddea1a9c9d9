import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { EXIT, OperatorError, quote } from '../errors.js';
import { describeEndpoint, type Endpoint } from '../redis/endpoint.js';
import type { OptionReader } from './read.js';

/** Which output a run makes, and in which form. */
export interface OutputOptions {
  isJson: boolean;
  isQuiet: boolean;
  /** Whether text shows all that it can, even if that is more than one screen. */
  isVerbose: boolean;
  /** Whether text on a terminal may have colours. */
  mayColour: boolean;
  /** Whether a line on a terminal may be redrawn in place. */
  mayRedraw: boolean;
  /** Absolute path of the HTML report, or null for none. */
  reportPath: string | null;
}

export function readOutput(read: OptionReader): OutputOptions {
  const { wantsNoColour, isTerminalDumb } = read.settled.surroundings;
  const [isQuiet, isVerbose] = [read.flag('quiet'), read.flag('verbose')];
  if (isQuiet && isVerbose) read.faults.add('--quiet and --verbose are opposites: give one');
  return {
    isJson: read.flag('json'),
    isQuiet,
    isVerbose,
    mayColour: !read.flag('no-color') && !wantsNoColour && !isTerminalDumb,
    mayRedraw: !isTerminalDumb,
    reportPath: readReportPath(read),
  };
}

/** The file that `--report` names. A browser opens it as a page only if its name ends in .html or .htm. */
function readReportPath(read: OptionReader): string | null {
  const path = read.text('report');
  if (path === undefined) return null;
  if (!/\.html?$/i.test(path))
    read.faults.add(`--report is ${quote(path)}: name an HTML file, as in --report run.html`);
  return resolve(path);
}

/**
 * The state directory of a run that names none: one for each combination of sources, target, reader and what divides
 * sessions among runs, so that different runs never share state. Null for a user without a home.
 * @param reader its name
 * @param division what else tells runs apart, such as key and shard
 */
export function defaultStateDir(
  read: OptionReader,
  patterns: readonly string[],
  target: Endpoint | null,
  division: readonly unknown[],
  reader: string,
): string | null {
  const { stateHome } = read.settled.surroundings;
  if (stateHome === null) return null;
  const identity: unknown[] = [...patterns.map((pattern) => resolve(pattern)).sort(), reader, ...division];
  if (target !== null) identity.push(describeEndpoint(target));
  const fingerprint = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
  return join(stateHome, 'sess2redis', fingerprint);
}

/**
 * The state directory of a run that can't do without one.
 * @throws {OperatorError} where none is named and the user has no home
 */
export function neededStateDir({ stateDir }: { stateDir: string | null }): string {
  if (stateDir !== null) return stateDir;
  throw new OperatorError(EXIT.usage, 'this user has no home directory to keep the state in: name one by --state-dir');
}

/** Where Prometheus finds the metrics of a run. */
export interface MetricsOptions {
  /** File for the textfile collector of node_exporter, or null. */
  file: string | null;
  listen: Listen | null;
}

/** Where `GET /metrics` is answered. */
interface Listen {
  host: string;
  port: number;
}

/** The address where only a port is named: other machines see the metrics only if the operator says so. */
const LOOPBACK = '127.0.0.1';

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
