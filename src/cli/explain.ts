import { basename, dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { OperatorError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { explainFile, explainSid, type LocatedSession } from '../explanation.js';
import { parseOptions } from '../options.js';
import type { RawOptions } from '../options-table.js';
import { isThere } from '../presence.js';
import { settleReader } from '../reader-choice.js';
import { table } from '../report/text.js';
import { isShard, kindOfSid, pathOf } from '../source/layout.js';
import { signsOf } from '../store-signs.js';
import { inTurns } from '../turns.js';
import { SID_MARK } from './arrange-words.js';
import type { ParsedLine } from './command-line.js';

/** Where Odoo keeps sessions unless told otherwise (odoo/tools/config.py, data_dir; the official container image). */
const USUAL_STORES = ['.', '/var/lib/odoo/sessions', '/var/lib/odoo/.local/share/Odoo/sessions'];

/** Shows every step of the decision about one session. */
export async function runExplain(line: ParsedLine, raw: RawOptions): Promise<ExitCode> {
  const asked = parseOptions([], raw, process.env, false);
  // An id on the command line stays in the shell's history; on stdin it doesn't.
  // yargs hands a lone - over as an empty word.
  const word = String(line.session).replace(new RegExp(`^${SID_MARK}`), '');
  const session = word === '' ? (await text(process.stdin)).trim() : word;
  const stores = line.source === undefined ? USUAL_STORES : [String(line.source)];
  const closed: string[] = [];
  // A closed door in a usual place is no reason to stop: nobody said that the session is there.
  const looks = (path: string) => isThereOr(path, line.source === undefined ? closed : null);
  const isFile = kindOfSid(session) === null ? isThere(session) : isThereOr(session, []);
  const located = isFile ? locateFile(resolve(session)) : locateSid(session, stores, looks);
  if (located === null && asked.target === null) {
    const where = stores.map((store) => resolve(store)).join(', ');
    const unseen = closed.length === 0 ? '' : ` (${[...new Set(closed)].join('; ')})`;
    throw new OperatorError(EXIT.usage, `no file of this session is in ${where}${unseen}: name its store by --source`);
  }
  const nowMs = Date.now();
  const sources = located === null ? stores.filter(looks).map((store) => resolve(store)) : [located.store];
  const options = settleReader(asked, await inTurns(signsOf({ ...asked.pass.lanes, sources })));
  const explanation =
    located === null ? await explainSid(session, options, nowMs) : await explainFile(located, options, nowMs);

  if (options.isJson) {
    const { steps, outcome, expiryMs } = explanation;
    for (const [step, shown] of steps) process.stdout.write(`${JSON.stringify({ type: 'step', step, text: shown })}\n`);
    const word = outcome ?? 'written';
    const summary = { type: 'summary', version: 1, command: 'explain', outcome: word, expiryMs, exitCode: 0 };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  } else {
    process.stdout.write(`${table(explanation.steps)}\n`);
  }
  return EXIT.complete;
}

function locateFile(file: string): LocatedSession {
  const parent = basename(dirname(file));
  if (isShard(parent) && basename(file).startsWith(parent))
    return { store: dirname(dirname(file)), path: `${parent}/${basename(file)}` };
  return { store: dirname(file), path: basename(file) };
}

/** What can't be looked at counts as absent and is told to `closed`. @throws {OperatorError} where that is null */
function isThereOr(path: string, closed: string[] | null): boolean {
  try {
    return isThere(path);
  } catch (error) {
    if (closed === null || !(error instanceof OperatorError)) throw error;
    closed.push(error.message);
    return false;
  }
}

/** Looks for the id's file in each store. @throws {OperatorError} when it is no id */
function locateSid(sid: string, stores: readonly string[], looks: (path: string) => boolean): LocatedSession | null {
  if (kindOfSid(sid) === null) {
    throw new OperatorError(EXIT.usage, 'this is neither an existing file nor a session id: check what you pasted');
  }
  for (const store of stores) {
    for (const layout of ['hashed', 'flat'] as const) {
      const path = pathOf(sid, layout);
      if (looks(resolve(store, path))) return { store: resolve(store), path };
    }
  }
  return null;
}
