import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { OperatorError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { explainFile, explainSid, type LocatedSession } from '../explanation.js';
import { parseOptions } from '../options.js';
import type { OptionName } from '../options-table.js';
import { table } from '../report/text.js';
import { isShard, kindOfSid, pathOf } from '../source/layout.js';
import { type Command, rawOptionsOf } from './command-line.js';

const TARGET: readonly OptionName[] = [
  'to',
  'user',
  'password-file',
  'tls-ca',
  'tls-cert',
  'tls-key',
  'tls-insecure',
  'json',
];
const READER: readonly OptionName[] = [
  'profile',
  'prefix',
  'key-template',
  'encoding',
  'sids',
  'lifetime',
  'anonymous-lifetime',
];
const SELECTION: readonly OptionName[] = ['anonymous', 'odoo-db', 'max-age', 'max-file-size'];
const OWN_OPTIONS = [...TARGET, ...READER, ...SELECTION];

/** Where Odoo keeps sessions unless told otherwise (odoo/tools/config.py, data_dir; the official container image). */
const USUAL_STORES = ['.', '/var/lib/odoo/sessions', '/var/lib/odoo/.local/share/Odoo/sessions'];

const STDIN = 0;

/** Put before an id that would look like an option. */
export const SID_MARK = 'sid:';

/** Shows every step of the decision about one session. */
export const explainCommand: Command = {
  usage: 'explain <session>',
  describe: 'the whole decision for one session, step by step',
  examples: [
    ['$0 explain /var/lib/odoo/sessions/3f/3fa9...', 'by its file'],
    ['$0 explain - --source /var/lib/odoo/sessions --to redis://localhost', 'by its id, typed on stdin'],
  ],
  options: OWN_OPTIONS,
  build: (parser) =>
    parser
      .positional('session', {
        describe: 'a session file, a session id, or - to read the id from stdin',
        type: 'string',
      })
      .option('source', { describe: 'store in which to look for an id', type: 'string', requiresArg: true }),
  run: async (line) => {
    const options = parseOptions([], rawOptionsOf(line, OWN_OPTIONS), process.env, false);
    // An id on the command line stays in the shell's history; on stdin it doesn't.
    // yargs hands a lone - over as an empty word.
    const word = String(line.session).replace(new RegExp(`^${SID_MARK}`), '');
    const session = word === '' ? readFileSync(STDIN, 'utf8').trim() : word;
    const stores = line.source === undefined ? USUAL_STORES : [String(line.source)];
    const located = existsSync(session) ? locateFile(resolve(session)) : locateSid(session, stores);
    if (located === null && options.target === null) {
      const where = stores.map((store) => resolve(store)).join(', ');
      throw new OperatorError(EXIT.usage, `no file of this session is in ${where}: name its store by --source`);
    }
    const nowMs = Date.now();
    const explanation =
      located === null ? await explainSid(session, options, nowMs) : await explainFile(located, options, nowMs);

    if (options.isJson) {
      const { steps, outcome, expiryMs } = explanation;
      for (const [step, text] of steps) process.stdout.write(`${JSON.stringify({ type: 'step', step, text })}\n`);
      const word = outcome ?? 'written';
      const summary = { type: 'summary', version: 1, command: 'explain', outcome: word, expiryMs, exitCode: 0 };
      process.stdout.write(`${JSON.stringify(summary)}\n`);
    } else {
      process.stdout.write(`${table(explanation.steps)}\n`);
    }
    return EXIT.complete;
  },
};

function locateFile(file: string): LocatedSession {
  const parent = basename(dirname(file));
  if (isShard(parent) && basename(file).startsWith(parent))
    return { store: dirname(dirname(file)), path: `${parent}/${basename(file)}` };
  return { store: dirname(file), path: basename(file) };
}

/** Looks for the id's file in each store. @throws {OperatorError} when it is no id */
function locateSid(sid: string, stores: readonly string[]): LocatedSession | null {
  if (kindOfSid(sid) === null) {
    throw new OperatorError(EXIT.usage, 'this is neither an existing file nor a session id: check what you pasted');
  }
  for (const store of stores) {
    for (const layout of ['hashed', 'flat'] as const) {
      const path = pathOf(sid, layout);
      if (existsSync(resolve(store, path))) return { store: resolve(store), path };
    }
  }
  return null;
}
