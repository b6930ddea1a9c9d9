import { escapeBytes, fingerprintOf, maskSid } from './fingerprint.js';
import { FileIntake } from './lane/journey.js';
import { isParsed } from './lane/statistics.js';
import type { RunOptions } from './options.js';
import { lifetimeOf, ownLifetimeOf } from './plan/expiry.js';
import { formatBytes, formatDuration } from './quantities.js';
import { describeReason, MEANINGS } from './report/text.js';
import { OUTCOMES, type Outcome } from './session.js';
import { realFileSystem } from './source/file-system.js';
import { lookUp } from './target/look-up.js';

/** A session file: `path` is relative to `store`. */
export interface LocatedSession {
  store: string;
  path: string;
}

/** One step of a decision: its name and what was found or decided. */
type Step = readonly [name: string, finding: string];

export interface Explanation {
  steps: Step[];
  /** What migrate would do with the file: null to write it. */
  outcome: Outcome | null;
  /** When the copy would die, epoch milliseconds; null where nothing would be written. */
  expiryMs: number | null;
}

/** Takes one session file the way a lane does, and tells every step, and what the target holds for it. */
export async function explainFile(located: LocatedSession, options: RunOptions, nowMs: number): Promise<Explanation> {
  const { store, path } = located;
  const journey = new FileIntake(realFileSystem, { ...options.pass.lanes, sources: [store] });
  const outcome = journey.take(0, path, true, nowMs);
  const { sid } = journey.name;

  const steps: Step[] = [['file', `${store}/${maskSid(escapeBytes(path))}`]];
  steps.push(['name', describeName(journey)]);
  if (journey.reader.mtimeMs > 0) {
    const saved = moment(journey.reader.mtimeMs, nowMs);
    steps.push(['read', `${formatBytes(journey.reader.length)}, last saved ${saved}`]);
  }
  if (isParsed(outcome)) steps.push(...describeSession(journey, options));
  if (outcome === null) steps.push(...describeWrite(journey, options, nowMs));
  else {
    const isReject = OUTCOMES.find(([word]) => word === outcome)?.[1] === 'reject';
    const why = isReject ? describeReason(journey.note(0, path, outcome)) : MEANINGS[outcome];
    steps.push(['plan', `${outcome}: ${why}`]);
  }
  const planned = outcome === null ? journey.value.subarray(0, journey.valueLength) : null;
  if (sid !== '') steps.push(...(await describeTarget(sid, planned, options, nowMs)));
  return { steps, outcome, expiryMs: outcome === null ? journey.expiryMs : null };
}

/** What can be said of an id that has no file: where its key would be, and what the target holds there. */
export async function explainSid(sid: string, options: RunOptions, nowMs: number): Promise<Explanation> {
  const steps: Step[] = [
    ['file', 'none: logged out, renewed or collected, or in another store'],
    ['name', `id of ${sid.length} characters, fingerprint ${fingerprintOf(sid)}`],
    ['key', describeKey(sid, options)],
  ];
  steps.push(...(await describeTarget(sid, null, options, nowMs)));
  return { steps, outcome: 'vanished', expiryMs: null };
}

function describeName({ name }: FileIntake): string {
  if (name.kind === null) return 'not the name of a session';
  return `${name.layout} layout, id of ${name.sid.length} characters, fingerprint ${fingerprintOf(name.sid)}`;
}

function describeSession({ facts }: FileIntake, { pass, profile, release }: RunOptions): Step[] {
  const { policy } = pass.lanes;
  const login = facts.isAuthenticated ? 'a login' : 'no login';
  const database = facts.db === null ? 'no database' : `database ${escapeBytes(facts.db)}`;
  const isOwn = !Number.isNaN(ownLifetimeOf(facts, policy));
  const kind = facts.isAuthenticated ? 'logins' : 'sessions without a login';
  const origin = isOwn ? "the session's own expiration" : `${release ?? profile.name}, for ${kind}`;
  return [
    ['parse', `${facts.format}, ${login}, ${database}${facts.hasCart ? ', a cart' : ''}`],
    ['lifetime', `${formatDuration(lifetimeOf(facts, policy))} (${origin})`],
  ];
}

function describeWrite(journey: FileIntake, options: RunOptions, nowMs: number): Step[] {
  const { value, valueLength, expiryMs, facts, name, reader } = journey;
  const { encoding } = options.pass.lanes.reader;
  const how = value === reader.buffer ? "the file's bytes as they are" : `${facts.format} to ${encoding}`;
  return [
    ['plan', `write, to expire ${moment(expiryMs, nowMs)}`],
    ['value', `${formatBytes(valueLength)}, ${how}`],
    ['key', describeKey(name.sid, options)],
  ];
}

function describeKey(sid: string, { pass, profile, target }: RunOptions): string {
  return `${shownKey(sid, pass.lanes.key)} in database ${target?.databaseIndex ?? profile.databaseIndex}`;
}

function shownKey(sid: string, { before, after }: RunOptions['pass']['lanes']['key']): string {
  return `${before}${maskSid(sid)}${after}`;
}

/** @param planned the value that migrate would write, or null where it would write none */
async function describeTarget(
  sid: string,
  planned: Buffer | null,
  { pass, target }: RunOptions,
  nowMs: number,
): Promise<Step[]> {
  if (target === null) return [];
  const { key } = pass.lanes;
  const held = await lookUp(target, `${key.before}${sid}${key.after}`);
  if (held === null) return [['Redis', `no key ${shownKey(sid, key)}`]];
  const size = `${formatBytes(held.value.length)} at ${shownKey(sid, key)}`;
  const expiry = held.expiryMs === null ? 'never expires' : `expires ${moment(held.expiryMs, nowMs)}`;
  if (planned === null) return [['Redis', `${size}, ${expiry}`]];
  const whose = held.value.equals(planned) ? 'this very value' : 'another value, which migrate keeps';
  return [['Redis', `${size}, ${whose}, ${expiry}`]];
}

function moment(ms: number, nowMs: number): string {
  const distance = formatDuration(Math.abs(ms - nowMs));
  return `${new Date(ms).toISOString()} (${ms <= nowMs ? `${distance} ago` : `in ${distance}`})`;
}
