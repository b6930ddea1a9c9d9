import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { OperatorError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { escapeBytes, fingerprintOf, maskSid } from '../fingerprint.js';
import { SessionJourney } from '../lane/journey.js';
import { isParsed } from '../lane/statistics.js';
import { parseOptions, type RunOptions } from '../options.js';
import type { OptionName } from '../options-table.js';
import { lifetimeOf } from '../plan/expiry.js';
import { formatBytes, formatDuration } from '../quantities.js';
import { describeReason, MEANINGS, table } from '../report/text.js';
import { OUTCOMES, type Outcome } from '../session.js';
import { realFileSystem } from '../source/file-system.js';
import { isShard, kindOfSid, pathOf } from '../source/layout.js';
import { lookUp } from '../target/look-up.js';
import { type Command, rawOptionsOf } from './command-line.js';

const OWN_OPTIONS: readonly OptionName[] = [
  'to',
  'user',
  'password-file',
  'tls-ca',
  'tls-cert',
  'tls-key',
  'tls-insecure',
  'profile',
  'prefix',
  'key-template',
  'encoding',
  'sids',
  'lifetime',
  'anonymous-lifetime',
  'anonymous',
  'odoo-db',
  'max-age',
  'max-file-size',
  'json',
];

/** Where Odoo keeps sessions unless told otherwise (odoo/tools/config.py, data_dir; the official container image). */
const USUAL_STORES = ['.', '/var/lib/odoo/sessions', '/var/lib/odoo/.local/share/Odoo/sessions'];

/** Shows every step of the decision about one session. */
export const explainCommand: Command = {
  usage: 'explain <session>',
  describe: 'the whole decision for one session, step by step',
  examples: [
    ['$0 explain /var/lib/odoo/sessions/3f/3fa9...', 'by its file'],
    ['$0 explain 3fa9... --source /var/lib/odoo/sessions --to redis://localhost', 'by its id, and what Redis holds'],
  ],
  options: OWN_OPTIONS,
  build: (parser) =>
    parser
      .positional('session', { describe: 'a session file, or a session id', type: 'string' })
      .option('source', { describe: 'store in which to look for an id', type: 'string', requiresArg: true }),
  run: async (line) => {
    const options = parseOptions([], rawOptionsOf(line, OWN_OPTIONS), process.env, false);
    const found = locate(String(line.session), line.source === undefined ? USUAL_STORES : [String(line.source)]);
    return explain(found, options);
  },
};

interface Located {
  store: string;
  /** Relative to the store. */
  path: string;
}

/** Finds the file that is meant. @throws {OperatorError} when there is none */
function locate(session: string, stores: readonly string[]): Located {
  const kind = kindOfSid(session);
  if (kind !== null && !existsSync(session)) {
    for (const store of stores) {
      for (const layout of ['hashed', 'flat'] as const) {
        const path = pathOf(session, layout);
        if (existsSync(resolve(store, path))) return { store: resolve(store), path };
      }
    }
    const where = stores.map((store) => resolve(store)).join(', ');
    throw new OperatorError(EXIT.usage, `no file of this session is in ${where}: name its store by --source`);
  }
  const file = resolve(session);
  if (!existsSync(file)) {
    throw new OperatorError(EXIT.usage, 'this is neither an existing file nor a session id: check what you pasted');
  }
  const parent = basename(dirname(file));
  if (isShard(parent)) return { store: dirname(dirname(file)), path: `${parent}/${basename(file)}` };
  return { store: dirname(file), path: basename(file) };
}

async function explain({ store, path }: Located, options: RunOptions): Promise<ExitCode> {
  const nowMs = Date.now();
  const settings = { ...options.pass.lanes, sources: [store] };
  const journey = new SessionJourney(realFileSystem, settings);
  const outcome = journey.take(0, path, true, nowMs);
  const { name, facts, reader } = journey;
  const shown = maskSid(escapeBytes(path), name.sid);

  const steps: [string, string][] = [['file', `${store}/${shown}`]];
  if (name.kind === null) steps.push(['name', 'not the name of a session']);
  else
    steps.push([
      'name',
      `${name.layout} layout, id of ${name.sid.length} characters, fingerprint ${fingerprintOf(name.sid)}`,
    ]);
  if (reader.mtimeMs > 0) {
    steps.push(['read', `${formatBytes(reader.length)}, last saved ${moment(reader.mtimeMs, nowMs)}`]);
  }
  if (isParsed(outcome)) {
    const login = facts.isAuthenticated ? 'a login' : 'no login';
    const database = facts.db === null ? 'no database' : `database ${escapeBytes(facts.db)}`;
    steps.push(['parse', `${facts.format}, ${login}, ${database}${facts.hasCart ? ', a cart' : ''}`]);
    const lifetimeMs = lifetimeOf(facts, settings.policy);
    const origin = settings.policy.honoursExpiration && facts.expirationSeconds > 0 ? ', the session says so' : '';
    const kind = facts.isAuthenticated ? 'logins' : 'sessions without a login';
    steps.push(['lifetime', `${formatDuration(lifetimeMs)} for ${kind} (${options.profile.name}${origin})`]);
  }
  const key = `${settings.key.before}${name.sid.slice(0, 8)}...${settings.key.after}`;
  if (outcome === null) {
    steps.push(['plan', `write, to expire ${moment(journey.expiryMs, nowMs)}`]);
    steps.push(['value', `${formatBytes(journey.valueLength)}, ${describeValue(journey, options)}`]);
    steps.push(['key', `${key} in database ${options.target?.databaseIndex ?? options.profile.databaseIndex}`]);
  } else {
    const isReject = OUTCOMES.find(([word]) => word === outcome)?.[1] === 'reject';
    steps.push([
      'plan',
      `${outcome}: ${isReject ? describeReason(journey.note(0, path, outcome)) : MEANINGS[outcome]}`,
    ]);
  }
  const isKnown = options.target !== null && name.kind !== null;
  if (isKnown && options.target !== null) {
    const fullKey = `${settings.key.before}${name.sid}${settings.key.after}`;
    const held = await lookUp(options.target, fullKey);
    if (held === null) steps.push(['Redis', `no key ${key}`]);
    else {
      const isOurs = outcome === null && held.value.equals(journey.value.subarray(0, journey.valueLength));
      const expiry = held.expiryMs === null ? 'never expires' : `expires ${moment(held.expiryMs, nowMs)}`;
      const whose = isOurs ? 'this very value' : 'another value, which migrate would keep';
      steps.push(['Redis', `${formatBytes(held.value.length)} at ${key}, ${whose}, ${expiry}`]);
    }
  }

  if (options.isJson) {
    for (const [step, text] of steps) process.stdout.write(`${JSON.stringify({ type: 'step', step, text })}\n`);
    const word: Outcome = outcome ?? 'written';
    const expiryMs = outcome === null ? journey.expiryMs : null;
    const summary = {
      type: 'summary',
      version: 1,
      command: 'explain',
      outcome: word,
      expiryMs,
      exitCode: EXIT.complete,
    };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  } else {
    process.stdout.write(`${table(steps)}\n`);
  }
  return EXIT.complete;
}

function describeValue(journey: SessionJourney, { pass, profile }: RunOptions): string {
  const isVerbatim = journey.value === journey.reader.buffer;
  return isVerbatim
    ? "the file's bytes as they are"
    : `${journey.facts.format} to ${pass.lanes.reader.encoding} for ${profile.name}`;
}

function moment(ms: number, nowMs: number): string {
  const distance = formatDuration(Math.abs(ms - nowMs));
  return `${new Date(ms).toISOString()} (${ms <= nowMs ? `${distance} ago` : `in ${distance}`})`;
}
