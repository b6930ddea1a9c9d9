import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { Profile } from '../applications/odoo/profile.js';
import { EXIT, OperatorError } from '../errors.js';
import { describeEndpoint, type Endpoint } from '../redis/endpoint.js';
import { type OptionReader, quote } from './read.js';

/** How a run speaks. */
export interface OutputOptions {
  isJson: boolean;
  isQuiet: boolean;
  /** Whether text may have colours, and a line be redrawn in place, where it goes to a terminal. */
  mayColour: boolean;
  mayRedraw: boolean;
  /** Where the HTML report goes, or null. */
  reportPath: string | null;
}

/**
 * `NO_COLOR` counts whatever its value, unless it is empty (https://no-color.org); a dumb terminal has neither colours
 * nor a cursor that moves.
 */
export function readOutput(read: OptionReader, environment: NodeJS.ProcessEnv): OutputOptions {
  const isDumb = environment.TERM === 'dumb';
  const isPlain = read.flag('no-color') || (environment.NO_COLOR ?? '') !== '';
  return {
    isJson: read.flag('json'),
    isQuiet: read.flag('quiet'),
    mayColour: !isPlain && !isDumb,
    mayRedraw: !isDumb,
    reportPath: readReportPath(read),
  };
}

/** The file that `--report` names; a name that a browser would not open as a page is a slip. */
function readReportPath(read: OptionReader): string | null {
  const path = read.text('report');
  if (path === undefined) return null;
  if (!/\.html?$/i.test(path))
    read.faults.add(`--report is ${quote(path)}: name an HTML file, as in --report run.html`);
  return resolve(path);
}

/**
 * One directory per combination of sources, target, profile and what divides sessions among runs, so that different
 * runs never share state. Null for a user without a home: whoever needs the directory asks for its name then.
 */
export function defaultStateDir(
  patterns: readonly string[],
  target: Endpoint | null,
  division: readonly unknown[],
  profile: Profile,
  environment: NodeJS.ProcessEnv,
): string | null {
  const base = stateHome(environment);
  if (base === null) return null;
  const identity: unknown[] = [...patterns.map((pattern) => resolve(pattern)).sort(), profile.name, ...division];
  if (target !== null) identity.push(describeEndpoint(target));
  const fingerprint = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
  return join(base, 'sess2redis', fingerprint);
}

/** A relative one is to be ignored (XDG Base Directory Specification). */
function stateHome({ XDG_STATE_HOME }: NodeJS.ProcessEnv): string | null {
  if (XDG_STATE_HOME !== undefined && isAbsolute(XDG_STATE_HOME)) return XDG_STATE_HOME;
  try {
    const home = homedir();
    return isAbsolute(home) ? join(home, '.local', 'state') : null;
  } catch {
    // An account that /etc/passwd does not know, as in a container with an arbitrary uid.
    return null;
  }
}

/**
 * The directory of a run that keeps something.
 * @throws {OperatorError} where there is none by default
 */
export function neededStateDir({ stateDir }: { stateDir: string | null }): string {
  if (stateDir !== null) return stateDir;
  throw new OperatorError(EXIT.usage, 'this user has no home directory to keep the state in: name one by --state-dir');
}

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
