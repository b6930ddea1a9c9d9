import { OperatorError } from '../errors.js';
import type { ReceiptKeys } from '../ledger/receipts.js';
import { SLOT_COUNT, slotOf } from './cluster.js';
import { type ControlClient, connectControl, reopen, replyOf } from './control.js';
import type { Endpoint } from './endpoint.js';
import { ErrorReply } from './replies.js';
import { mastersOf } from './topology.js';
import { operatorErrorOf, troubleOf } from './trouble.js';

/**
 * How far a run has come: a pass is under way, ended, was the last before the switch; the application runs on the
 * target.
 */
const MARKER_STAGES = ['loading', 'complete', 'final', 'switched'] as const;
export type MarkerStage = (typeof MARKER_STAGES)[number];

/** What a target carries of a run beside its sessions: what it says is as old as the data around it. */
export interface Marker {
  /** Of the ledger that wrote it. */
  run: string;
  pass: number;
  stage: MarkerStage;
  /** When it was written, epoch milliseconds. */
  atMs: number;
  /** The last pass that was complete, of which every reply is in; 0 for none. */
  completePass: number;
  /** Of everything that was ever sent of these sessions there are receipts in the target, see `receipt-keys.ts`. */
  hasReceipts: boolean;
}

/** The markers of all masters, as they are found. */
export interface FoundMarkers {
  /** By the name of their keys. */
  markers: ReadonlyMap<string, Marker>;
  /** Some may not be read, so that nothing follows from what is not found. */
  isDenied: boolean;
  /** The run ids of all masters, which change with every start; null where a server does not tell. */
  instance: string | null;
}

/** Slots that a marker may lie in: a master of a cluster has one of them, unless its slots are very few. */
const CANDIDATES = 256;
/** No session id of any reader has these characters, or this length. */
export const MARKER_WORD = 'sess2redis-marker';

/**
 * Keys that a run's markers may have: one where there are no slots, else one per {@link CANDIDATES} slots. They begin
 * and end as its sessions' keys do, so that the user who may write those may write these.
 * @param run tells runs of other sources apart
 */
export function markerNames(key: { before: string; after: string }, run: string, isCluster: boolean): string[] {
  const name = (tag: string) => `${key.before}${MARKER_WORD}:${run}${tag}${key.after}`;
  const spread = new Set<number>();
  if (!isCluster || slotOf(Buffer.from(name(':{0}'))) === slotOf(Buffer.from(name(':{1}')))) return [name('')];
  const names: string[] = [];
  for (let tag = 0; spread.size < CANDIDATES; tag++) {
    const slot = slotOf(Buffer.from(name(`:{${tag}}`)));
    if (slot % (SLOT_COUNT / CANDIDATES) !== 0 || spread.has(slot)) continue;
    spread.add(slot);
    names.push(name(`:{${tag}}`));
  }
  return names;
}

/** The field that holds a marker which lies beside sessions. */
const MARKER_FIELD = 'marker';

/**
 * Keeps a marker beside sessions as a hash: what lists or copies sessions reads strings, and takes it for none. Only
 * where the user may not make one it is a string.
 */
const SET_BESIDE = `redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], '${MARKER_FIELD}', ARGV[1])
return redis.call('PEXPIREAT', KEYS[1], ARGV[2])`;

/** What the keys of the receipts begin and end with that belong to the markers of a run. */
export function receiptKeys(key: { before: string; after: string }, run: string): ReceiptKeys {
  return { before: `${key.before}${MARKER_WORD}:${run}:receipts:`, after: key.after };
}

/**
 * Where no other application's keys and no session lies: the marker is no key among the sessions, for those who list or
 * count them. A cluster has one database only; neither has every server, nor may every user select another.
 */
const MARKER_DATABASE = 15;
const OTHER_MARKER_DATABASE = 14;

/**
 * Reads every marker that a target has under these names.
 * @throws {OperatorError} where a server can't be asked
 */
export async function readMarkers(target: Endpoint, names: readonly string[]): Promise<FoundMarkers> {
  const markers = new Map<string, Marker>();
  const instances: (string | null)[] = [];
  let isDenied = false;
  const see = async (client: ControlClient) => {
    const found = await heldAt(client, names);
    isDenied ||= found.isDenied;
    for (const [name, held] of found.held) {
      const marker = held === null ? null : parseMarker(held);
      const before = markers.get(name);
      if (marker !== null && (before === undefined || before.atMs <= marker.atMs)) markers.set(name, marker);
    }
  };
  for (const server of await mastersOf(target)) {
    const client = await connectControl(server);
    try {
      // Beside the sessions first: what was written in a database of its own is what counts, where that can be
      // selected.
      await see(client);
      if ((await goToMarkers(client, target)) === 'there') await see(client);
      instances.push(await instanceOf(client));
    } finally {
      client.disconnect();
    }
  }
  const known = [...new Set(instances)];
  return { markers, isDenied, instance: known.includes(null) ? null : known.sort().join(' ') };
}

/**
 * Writes the marker on every master, where it was before or else under the first name that the master has. Returns the
 * names; null where the user may not write or read them.
 * @throws {OperatorError} where a server can't be asked or is full
 */
export async function writeMarkers(
  target: Endpoint,
  names: readonly string[],
  marker: Marker,
  expiryMs: number,
): Promise<string[] | null> {
  const written: string[] = [];
  let isRefused = false;
  for (const server of await mastersOf(target)) {
    const client = await connectControl(server);
    try {
      const isBeside = (await goToMarkers(client, target)) !== 'there';
      const { held, isDenied } = await heldAt(client, names);
      isRefused ||= isDenied;
      const before = [...held.keys()].filter((name) => held.get(name) !== null);
      const first = held.keys().next().value;
      const chosen = before.length > 0 ? before : first === undefined ? [] : [first];
      for (const name of chosen) {
        const [text, endMs] = [JSON.stringify(marker), String(expiryMs)];
        const asHash =
          isBeside && !((await replyOf(client, ['EVAL', SET_BESIDE, '1', name, text, endMs])) instanceof ErrorReply);
        const reply = asHash ? null : await replyOf(client, ['SET', name, text, 'PXAT', endMs]);
        if (!(reply instanceof ErrorReply)) written.push(name);
        else if (isPassing(reply.text)) throw operatorErrorOf(reply.text, 'SET');
        else isRefused = true;
      }
    } finally {
      client.disconnect();
    }
  }
  return isRefused ? null : written;
}

/** The database in which the markers lie, where they do not lie beside the sessions. */
export function markerDatabaseOf({ databaseIndex = 0 }: Pick<Endpoint, 'databaseIndex'>): number {
  return databaseIndex === MARKER_DATABASE ? OTHER_MARKER_DATABASE : MARKER_DATABASE;
}

/**
 * Leads a connection to the markers' own database. `denied`: the user may not select it; `none`: it can't be had. In
 * both cases the connection stays in the database of the sessions.
 * @throws {OperatorError}
 */
export async function goToMarkers(client: ControlClient, target: Endpoint): Promise<'there' | 'denied' | 'none'> {
  if (target.discovery?.by === 'cluster') return 'none';
  const select = ['SELECT', String(markerDatabaseOf(target))];
  let reply: unknown;
  try {
    reply = await replyOf(client, select);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    // A box that hangs up at one command, twice, and takes another one has refused the first; one cut may be chance.
    await reopen(client);
    await replyOf(client, ['PING']);
    try {
      reply = await replyOf(client, select);
    } catch (again) {
      if (!(again instanceof OperatorError)) throw again;
      await reopen(client);
      await replyOf(client, ['PING']);
      return 'none';
    }
  }
  if (!(reply instanceof ErrorReply)) return 'there';
  if (isPassing(reply.text)) throw operatorErrorOf(reply.text, 'SELECT');
  return reply.text.startsWith('NOPERM') ? 'denied' : 'none';
}

/** What a master holds under those of the names that are its own; null for nothing. */
interface Held {
  held: Map<string, string | null>;
  /** Some may not be read. */
  isDenied: boolean;
}

/** @throws {OperatorError} */
async function heldAt(client: ControlClient, names: readonly string[]): Promise<Held> {
  const held = new Map<string, string | null>();
  let isDenied = false;
  for (const [i, reply] of (await Promise.all(names.map((name) => replyOf(client, ['GET', name])))).entries()) {
    const name = names[i] as string;
    if (!(reply instanceof ErrorReply)) held.set(name, reply === null ? null : String(reply));
    else if (reply.text.startsWith('WRONGTYPE')) {
      const inHash = await replyOf(client, ['HGET', name, MARKER_FIELD]);
      held.set(name, typeof inHash === 'string' ? inHash : '');
    }
    // Names in the slots of other masters are theirs.
    else if (/^(MOVED|ASK|CLUSTERDOWN)\b/.test(reply.text)) continue;
    else if (isPassing(reply.text)) throw operatorErrorOf(reply.text, 'GET');
    else isDenied = true;
  }
  return { held, isDenied };
}

/** What ends by itself, or concerns the connection and not this key. */
function isPassing(reply: string): boolean {
  return troubleOf(reply) !== null || /^(NOAUTH|WRONGPASS|DENIED)\b/.test(reply);
}

async function instanceOf(client: ControlClient): Promise<string | null> {
  const info = await replyOf(client, ['INFO', 'server']);
  return info instanceof ErrorReply ? null : (/^run_id:(\w+)/m.exec(String(info))?.[1] ?? null);
}

/** Null for what no marker is. */
function parseMarker(text: string): Marker | null {
  try {
    const { run, pass, stage, atMs, completePass, hasReceipts } = JSON.parse(text) as Marker;
    const isMarker = typeof run === 'string' && Number.isInteger(pass) && Number.isFinite(atMs);
    return isMarker && MARKER_STAGES.includes(stage)
      ? { run, pass, stage, atMs, completePass: Number(completePass) || 0, hasReceipts: hasReceipts === true }
      : null;
  } catch {
    return null;
  }
}
