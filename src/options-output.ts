import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type OptionReader, quote } from './options-reader.js';
import type { Profile } from './profiles/profile.js';
import { describeEndpoint, type Endpoint } from './target/endpoint.js';

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
 * `NO_COLOR` counts whatever its value, unless it is empty (https://no-color.org); a dumb terminal has neither colours nor
 * a cursor that moves.
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
 * One directory per combination of sources, target, profile and what divides sessions among runs, so that different runs
 * never share state.
 */
export function defaultStateDir(
  patterns: readonly string[],
  target: Endpoint | null,
  division: readonly unknown[],
  profile: Profile,
  environment: NodeJS.ProcessEnv,
): string {
  const base = environment.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  const identity: unknown[] = [...patterns.map((pattern) => resolve(pattern)).sort(), profile.name, ...division];
  if (target !== null) identity.push(describeEndpoint(target));
  const fingerprint = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
  return join(base, 'sess2redis', fingerprint);
}
