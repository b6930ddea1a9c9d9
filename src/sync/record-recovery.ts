import { type Application, newStoreName } from '../applications/application.js';
import { applicationOf } from '../applications/application-of.js';
import { keyOf } from '../applications/keys.js';
import type { OperatorError } from '../errors.js';
import { isOfShard, sidOfKey } from '../intake/settings.js';
import type { LaneSettings } from '../lane/settings.js';
import { type AdoptedSession, adoptSessions, forgetShards } from '../ledger/adopt.js';
import { META } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ReceiptKeys, Receipts, ReceiptTable } from '../ledger/receipts.js';
import type { SessionRecord } from '../ledger/record.js';
import { lastRecordedPass } from '../ledger/visit.js';
import type { Endpoint } from '../redis/endpoint.js';
import type { FoundMarkers } from '../redis/marker.js';
import { CLOCKS_MS, ownerOf } from '../redis/ownership.js';
import { KeyReader, type StoredKey } from '../redis/reader.js';
import { readReceipts } from '../redis/receipt-keys.js';
import { scanKeys } from '../redis/scan.js';
import { isSameVersion, type Layout } from '../session.js';
import { ChunkCursor } from '../source/chunk.js';
import { walk } from '../source/walk.js';
import { realFileSystem } from '../system/file-system.js';
import type { KnownMarker } from './conclusion.js';
import type { RunMarkers } from './markers.js';

const ENTRIES_PER_CHUNK = 4096;
/** Keys of one question to the target. */
const KEYS_PER_QUESTION = 128;

/**
 * Whether what the ledger lacks could be read from the target, so that it lacks nothing any more. A run leaves receipts
 * of all that it sends or of nothing, so where its marker is gone with its ledger any of them will do.
 * @throws {OperatorError}
 */
export async function isRecovered(
  ledger: Ledger,
  lanes: LaneSettings,
  { target, receipts }: RunMarkers,
  { markers }: FoundMarkers,
  signal: AbortSignal,
): Promise<boolean> {
  const found = [...markers.values()];
  if (found.some(({ hasReceipts }) => !hasReceipts)) return false;
  const known = await ledger.fact<KnownMarker>(META.marker);
  const isFinalDone = known?.isFinalDone === true || found.some(({ stage }) => stage === 'final');
  const scope = {
    isFinalDone,
    keys: receipts,
    recordedPass: await lastRecordedPass(ledger),
    completePass: found.length === 0 ? 0 : Math.min(...found.map(({ completePass }) => completePass)),
  };
  const recovered = await recoverRecords(ledger, { ...lanes, target }, scope, signal);
  if (!recovered.isWhole || (found.length === 0 && recovered.receipts === 0)) return false;
  await ledger.keepFact(META.incomplete, null);
  await ledger.keepFact(META.receipts, true);
  const [first] = found;
  if (first === undefined) return true;
  // As if this ledger had left it, until the pass that begins leaves its own.
  const { pass, stage, completePass } = first;
  const expiryMs = Date.now() + CLOCKS_MS;
  const names = [...markers.keys()];
  const marker: KnownMarker = { names, pass, stage, isFinalDone, expiryMs, completePass, instance: null };
  if (known === null || known.pass < pass) await ledger.keepFact(META.marker, marker);
  return true;
}

/** Which receipts tell what a ledger lacks. */
interface RecoveryScope {
  keys: ReceiptKeys;
  /** Everything of this run up to this pass is on record. */
  recordedPass: number;
  /** By the marker: of everything up to this pass every reply was read. */
  completePass: number;
  /** A final pass was complete. */
  isFinalDone: boolean;
}

/**
 * Fills a ledger up that lacks some of what was sent, or all: by the receipts in the target, for every session that has
 * a key there or a file. `isWhole`: all that was sent is on record then. Changes nothing in the target.
 * @throws {OperatorError} where the target can't be asked, or the reason of `signal`
 */
async function recoverRecords(
  ledger: Ledger,
  lanes: LaneSettings & { target: Endpoint },
  { keys, recordedPass, completePass, isFinalDone }: RecoveryScope,
  signal: AbortSignal,
): Promise<{ receipts: number; isWhole: boolean }> {
  const run = await ledger.runId();
  const isMissing = (origin: { run: string; pass: number }) => origin.run !== run || origin.pass > recordedPass;
  const { table, mayLack } = await readReceipts(lanes.target, keys, isMissing, signal);
  if (table.count > 0) {
    await ledger.readIndex();
    const reader = new KeyReader(lanes.target, lanes.giveUpAfterMs, lanes.ownership.hash);
    const interrupt = () => reader.interrupt(signal.reason as OperatorError);
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      const application = applicationOf(lanes.application);
      const recovery = new Recovery(ledger, lanes, table, reader, run, completePass);
      for await (const names of scanKeys(lanes.target, lanes.key.before, lanes.key.after)) {
        await recovery.take(sessionsOfKeys(names, lanes, application), signal);
      }
      // Before the final pass a key that is gone was lost, and its file is sent again. After it somebody may have
      // logged out: sessions of files are put on record too, so that they are not. So it is with keys that are digests
      // and show no id.
      if (isFinalDone || lanes.key.digest !== undefined)
        for (const sessions of sessionsOfFiles(lanes, application)) await recovery.take(sessions, signal);
    } finally {
      signal.removeEventListener('abort', interrupt);
      reader.close();
    }
    await forgetShards(ledger);
    await ledger.findOpenBatches();
  }
  // Keys that are digests and have no file any more are nobody's that is known.
  return { receipts: table.count, isWhole: !mayLack && lanes.key.digest === undefined };
}

interface MetSession {
  sid: string;
  layout: Layout;
}

class Recovery {
  constructor(
    readonly ledger: Ledger,
    readonly lanes: LaneSettings,
    readonly table: ReceiptTable,
    readonly reader: KeyReader,
    readonly run: string,
    readonly completePass: number,
  ) {}

  /**
   * Puts those of the sessions on record that have receipts and lack a record of them.
   * @throws {OperatorError}
   */
  async take(met: readonly MetSession[], signal: AbortSignal): Promise<void> {
    for (let start = 0; start < met.length; start += KEYS_PER_QUESTION) {
      signal.throwIfAborted();
      await this.#takeSome(met.slice(start, start + KEYS_PER_QUESTION));
    }
  }

  async #takeSome(met: readonly MetSession[]): Promise<void> {
    const receipted = met.flatMap((session) => {
      const receipts = this.table.of(session.sid);
      return receipts === null ? [] : [{ ...session, receipts }];
    });
    const { finder, cipher } = this.ledger;
    const ids = cipher.idsOf(receipted.map(({ sid }) => sid));
    const records = await finder.find(ids);
    // What was adopted just now, the index does not know.
    const singles = await finder.singles(ids);
    const lacking = receipted.flatMap((session, i) => {
      const before = singles[i] ?? records[i] ?? null;
      return before !== null && this.#isOnRecord(before, session.receipts) ? [] : [{ ...session, before }];
    });
    if (lacking.length === 0) return;
    const held = await this.reader.read(lacking.map(({ sid }) => keyOf(this.lanes.key, sid)));
    await adoptSessions(
      this.ledger,
      lacking.map((session, i) => this.#adopted(session, held[i] as StoredKey)),
    );
  }

  #isOnRecord(record: SessionRecord, { newest, versions }: Receipts): boolean {
    // What was kept may be ours by what another run has sent.
    if (record.state !== 'kept' && newest.run === this.run && newest.pass <= record.pass) return true;
    return versions.every((version) => record.versions.some((one) => isSameVersion(one, version)));
  }

  #adopted({ sid, layout, receipts, before }: LackingSession, held: StoredKey): AdoptedSession {
    const { newest, oldest, versions } = receipts;
    const older = before === null || before.state === 'kept' ? [] : before.versions;
    const all = [...versions, ...older.filter((one) => !versions.some((version) => isSameVersion(one, version)))];
    const owner = ownerOf(all, held.value, held, this.lanes.ownership, Date.now());
    // What the application saved again with the very same bytes stays ours on record, as if no record were lost.
    const isOthers = held.isOtherType || (held.value !== null && !owner.isOurs && !owner.isSavedAgain);
    return {
      ...{ sid, layout, before },
      state: isOthers ? 'kept' : 'ours',
      versions: isOthers ? all.slice(0, 1) : all,
      pass: newest.pass,
      isAnswered: newest.pass <= this.completePass,
      isNeverAnswered: !isOthers && oldest.pass > this.completePass && older.length === 0,
    };
  }
}

interface LackingSession extends MetSession {
  receipts: Receipts;
  before: SessionRecord | null;
}

function sessionsOfKeys(names: readonly string[], lanes: LaneSettings, application: Application): MetSession[] {
  const { key, shard } = lanes;
  return names.flatMap((name) => {
    const sid = sidOfKey(name, key, application);
    if (sid === null || !application.acceptsSid(sid)) return [];
    return shard === null || isOfShard(sid, shard) ? [{ sid, layout: 'hashed' as const }] : [];
  });
}

/** What can't be listed is told by the pass. */
function* sessionsOfFiles({ sources, shard }: LaneSettings, application: Application): Generator<MetSession[]> {
  const options = {
    application,
    fileSystem: realFileSystem,
    maxEntries: () => ENTRIES_PER_CHUNK,
    onUnreadable() {},
    shards: null,
  };
  const name = newStoreName();
  for (const chunk of walk(sources, options)) {
    const met: MetSession[] = [];
    for (const entries = new ChunkCursor(chunk); entries.next(); ) {
      if (application.recognise(entries.path, name).verdict !== 'session') continue;
      if (shard === null || isOfShard(name.sid, shard)) met.push({ sid: name.sid, layout: name.layout });
    }
    yield met;
  }
}
