import { basename, dirname, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Application, type ExplainedStep, newStoreName } from '../applications/application.js';
import { applicationOf } from '../applications/application-of.js';
import { explainEncoding, explainSession, usualStoresOf } from '../applications/explanation.js';
import { keyOf } from '../applications/keys.js';
import { isParsed } from '../counts/statistics.js';
import { EXIT, type ExitCode, OperatorError } from '../errors.js';
import { maskedKey } from '../intake/settings.js';
import { FileIntake } from '../intake/take-file.js';
import { escapeBytes, fingerprintOf } from '../masking.js';
import { parseOptions, type RunOptions, withReader } from '../options/run-options.js';
import type { SettledOptions } from '../options/settle.js';
import { observeStore } from '../preflight/store-observation.js';
import { lookUp } from '../redis/reader.js';
import { describeReason, MEANINGS } from '../report/outcomes.js';
import { jsonLines, shortSummary } from '../report/summary.js';
import { table } from '../report/text-table.js';
import { classOf, type Outcome } from '../session.js';
import { isThere } from '../system/errno.js';
import { realFileSystem } from '../system/file-system.js';
import { inTurns } from '../system/process.js';
import { formatBytes, formatDuration } from '../units.js';

/** A session file: `path` is relative to `store`. */
export interface LocatedSession {
  store: string;
  path: string;
}

export interface Explanation {
  steps: ExplainedStep[];
  /** What migrate would do with the file: null to write it. */
  outcome: Outcome | null;
  /** When the copy would die, epoch milliseconds; null where nothing would be written. */
  expiryMs: number | null;
}

/** Takes one session file the way a lane does, and tells every step, and what the target holds for it. */
export async function explainFile(located: LocatedSession, options: RunOptions, nowMs: number): Promise<Explanation> {
  const { store, path } = located;
  const intake = new FileIntake(realFileSystem, { ...options.pass.lanes, sources: [store] });
  const outcome = intake.take(0, path, true, nowMs);
  const { sid } = intake.name;

  const steps: ExplainedStep[] = [['file', `${store}/${intake.application.mask(escapeBytes(path), sid)}`]];
  steps.push(['name', describeName(intake)]);
  if (intake.reader.mtimeMs > 0) {
    const saved = moment(intake.reader.mtimeMs, nowMs);
    steps.push(['read', `${formatBytes(intake.reader.length)}, last saved ${saved}`]);
  }
  if (isParsed(outcome))
    steps.push(...explainSession(intake.application, options.reader.release ?? options.reader.name));
  if (outcome === null) steps.push(...describeWrite(intake, options, nowMs));
  else {
    const isReject = classOf(outcome) === 'reject';
    const why = isReject ? describeReason(intake.note(0, path, outcome)) : MEANINGS[outcome];
    steps.push(['plan', `${outcome}: ${why}`]);
  }
  const planned = outcome === null ? intake.value.subarray(0, intake.valueLength) : null;
  if (sid !== '') steps.push(...(await describeTarget(sid, planned, options, nowMs)));
  return { steps, outcome, expiryMs: outcome === null ? intake.expiryMs : null };
}

/** What can be said of an id that has no file: where its key would be, and what the target holds there. */
export async function explainSid(sid: string, options: RunOptions, nowMs: number): Promise<Explanation> {
  const steps: ExplainedStep[] = [
    ['file', 'none: logged out, renewed or collected, or in another store'],
    ['name', `id of ${sid.length} characters, fingerprint ${fingerprintOf(sid)}`],
    ['key', describeKey(sid, options)],
  ];
  steps.push(...(await describeTarget(sid, null, options, nowMs)));
  return { steps, outcome: 'vanished', expiryMs: null };
}

function describeName({ name }: FileIntake): string {
  if (name.verdict !== 'session') return 'not the name of a session';
  const layout = name.kind === null ? '' : `${name.layout} layout, `;
  return `${layout}id of ${name.sid.length} characters, fingerprint ${fingerprintOf(name.sid)}`;
}

function describeWrite(intake: FileIntake, options: RunOptions, nowMs: number): ExplainedStep[] {
  const { application, value, valueLength, expiryMs, name, reader } = intake;
  const how = value === reader.buffer ? "the file's bytes as they are" : explainEncoding(application);
  return [
    ['plan', `write, to expire ${moment(expiryMs, nowMs)}`],
    ['value', `${formatBytes(valueLength)}, ${how}`],
    ['key', describeKey(name.sid, options)],
  ];
}

function describeKey(sid: string, { pass, reader, target }: RunOptions): string {
  return `${shownKey(sid, pass.lanes)} in database ${target?.databaseIndex ?? reader.databaseIndex}`;
}

function shownKey(sid: string, { application, key }: RunOptions['pass']['lanes']): string {
  return maskedKey(key, sid, applicationOf(application));
}

/** @param planned the value that migrate would write, or null where it would write none */
async function describeTarget(
  sid: string,
  planned: Buffer | null,
  { pass, target }: RunOptions,
  nowMs: number,
): Promise<ExplainedStep[]> {
  if (target === null) return [];
  const { key } = pass.lanes;
  const held = await lookUp(target, keyOf(key, sid), applicationOf(pass.lanes.application).reader.hash);
  if (held === null) return [['Redis', `no key ${shownKey(sid, pass.lanes)}`]];
  const size = `${formatBytes(held.value.length)} at ${shownKey(sid, pass.lanes)}`;
  const expiry = held.expiryMs === null ? 'never expires' : `expires ${moment(held.expiryMs, nowMs)}`;
  if (planned === null) return [['Redis', `${size}, ${expiry}`]];
  const whose = held.value.equals(planned) ? 'this very value' : 'another value, which migrate keeps';
  return [['Redis', `${size}, ${whose}, ${expiry}`]];
}

function moment(ms: number, nowMs: number): string {
  const distance = formatDuration(Math.abs(ms - nowMs));
  return `${new Date(ms).toISOString()} (${ms <= nowMs ? `${distance} ago` : `in ${distance}`})`;
}

/** Shows every step of the decision about one session. */
export async function runExplain(settled: SettledOptions, words: readonly string[]): Promise<ExitCode> {
  const asked = parseOptions(settled, []);
  // An id on the command line stays in the shell's history; on stdin it doesn't.
  const [word = ''] = words;
  const session = word === '-' ? (await text(process.stdin)).trim() : word;
  const source = settled.value('source');
  const closed: string[] = [];
  // A closed door in a usual place is no reason to stop: nobody said that the session is there.
  const looks = (path: string) => isThereOr(path, source === undefined ? closed : null);
  const application = applicationOf(asked.pass.lanes.application);
  const stores = source === undefined ? usualStoresOf(application) : [String(source)];
  const isFile = application.isSid(session) ? isThereOr(session, []) : isThere(session);
  const located = isFile ? locateFile(resolve(session), application) : locateSid(session, stores, application, looks);
  if (located === null && asked.target === null) {
    const where = stores.map((store) => resolve(store)).join(', ');
    const unseen = closed.length === 0 ? '' : ` (${[...new Set(closed)].join('; ')})`;
    throw new OperatorError(EXIT.usage, `no file of this session is in ${where}${unseen}: name its store by --source`);
  }
  const nowMs = Date.now();
  const sources = located === null ? stores.filter(looks).map((store) => resolve(store)) : [located.store];
  const options = withReader(asked, await inTurns(observeStore({ ...asked.pass.lanes, sources }, asked.reader)));
  const explanation =
    located === null ? await explainSid(session, options, nowMs) : await explainFile(located, options, nowMs);

  const { steps, outcome, expiryMs } = explanation;
  const records = steps.map(([step, shown]) => ({ type: 'step', step, text: shown }));
  const summary = shortSummary('explain', { outcome: outcome ?? 'written', expiryMs });
  process.stdout.write(options.isJson ? jsonLines([...records, summary]) : `${table(steps)}\n`);
  return EXIT.complete;
}

/** The store of a file: as far above it as the application has directories for its name. */
function locateFile(file: string, application: Application): LocatedSession {
  const steps = file.split('/');
  const name = newStoreName();
  for (let depth = application.store.levels; depth > 0; depth--) {
    const path = steps.slice(-depth - 1).join('/');
    if (!application.entersDirectory(steps.slice(-depth - 1, -1).join('/'))) continue;
    const isNamedAlike = basename(file).startsWith(steps.at(-2) as string);
    const isNamed = application.recognise(path, name).verdict === 'session';
    if (application.store.hasShards && !isNamedAlike && !isNamed) continue;
    return { store: steps.slice(0, -depth - 1).join('/') || '/', path };
  }
  return { store: dirname(file), path: basename(file) };
}

/**
 * What can't be looked at counts as absent and is told to `closed`.
 * @throws {OperatorError} where that is null
 */
function isThereOr(path: string, closed: string[] | null): boolean {
  try {
    return isThere(path);
  } catch (error) {
    if (closed === null || !(error instanceof OperatorError)) throw error;
    closed.push(error.message);
    return false;
  }
}

/**
 * Looks for the id's file in each store.
 * @throws {OperatorError} when it is no id
 */
function locateSid(
  sid: string,
  stores: readonly string[],
  application: Application,
  looks: (path: string) => boolean,
): LocatedSession | null {
  if (!application.isSid(sid)) {
    throw new OperatorError(EXIT.usage, 'this is neither an existing file nor a session id: check what you pasted');
  }
  for (const store of stores) {
    for (const path of [...application.pathsOf(sid)].reverse()) {
      if (looks(resolve(store, path))) return { store: resolve(store), path };
    }
  }
  return null;
}
