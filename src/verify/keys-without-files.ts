import type { Application, StoredValues } from '../applications/application.js';
import { applicationOf } from '../applications/application-of.js';
import { keyOf } from '../applications/keys.js';
import { isOfShard, isSampled, maskedKey, sidOfKey } from '../intake/settings.js';
import type { Ledger } from '../ledger/ledger.js';
import { recordsOf } from '../ledger/visit.js';
import { fingerprintOf } from '../masking.js';
import type { KeyReader, StoredKey } from '../redis/reader.js';
import { codeOf, NO_ENTRY } from '../session.js';
import { type Chunk, ChunkCursor, ChunkPacker } from '../source/chunk.js';
import { hasSessionFile } from '../source/read.js';
import { UnrecordedKeys } from '../sync/record-gap.js';
import type { FileSystem } from '../system/file-system.js';
import { formatDuration } from '../units.js';
import { knownOwnerOf, type OwnVersions } from './own-versions.js';
import { type DifferenceNote, KEYS, type VerifySettings } from './sample.js';

const EXTRA = codeOf('extra');
const REDIS_ONLY = codeOf('redis-only');

/** Session ids per read from the target. */
const MAX_QUESTIONS = 128;

/** Finds the keys of sessions that have no file in any of the sources. */
export class KeysWithoutFiles {
  readonly #application: Application;
  readonly #values: StoredValues;
  readonly #unrecorded: UnrecordedKeys;

  constructor(
    readonly settings: VerifySettings,
    readonly fileSystem: FileSystem,
    readonly reader: Pick<KeyReader, 'read'>,
    readonly own: OwnVersions | null,
  ) {
    this.#application = applicationOf(settings.application);
    this.#values = this.#application.values();
    this.#unrecorded = new UnrecordedKeys(settings, settings.recordedUntilMs);
  }

  /**
   * Gives each sid of the chunk its outcome, `NO_ENTRY` where there is a file.
   * @throws {OperatorError}
   */
  async settle(chunk: Chunk, outcomes: Uint8Array, notes: DifferenceNote[]): Promise<void> {
    const entries = new ChunkCursor(chunk);
    let sids: string[] = [];
    let places: number[] = [];
    for (let entry = 0; entries.next(); entry++) {
      outcomes[entry] = NO_ENTRY;
      if (hasSessionFile(this.fileSystem, this.settings.sources, entries.path, this.#application)) continue;
      sids.push(entries.path);
      places.push(entry);
      if (sids.length < MAX_QUESTIONS) continue;
      await this.#ask(sids, places, outcomes, notes);
      sids = [];
      places = [];
    }
    if (sids.length > 0) await this.#ask(sids, places, outcomes, notes);
  }

  async #ask(sids: string[], places: readonly number[], outcomes: Uint8Array, notes: DifferenceNote[]): Promise<void> {
    const { key } = this.settings;
    const values = this.#values;
    const isAboutAll = this.#application.scope.length === 0;
    const held = await this.reader.read(sids.map((sid) => keyOf(key, sid)));
    const versions = (await this.own?.versionsOf(sids)) ?? null;
    for (const [i, sid] of sids.entries()) {
      const found = held[i] as StoredKey;
      const { value, isOtherType, expiryMs } = found;
      if (value === null && !isOtherType) continue;
      const isReadable = value !== null && values.read(value) === 'read';
      // Keys outside of this run's scope are passed over, as their files are.
      if (!(isReadable ? values.isInScope : isAboutAll)) continue;
      const { ownership } = this.settings;
      const mayBeOurs = () => this.#unrecorded.mayBeOurs(found, null);
      const owner = knownOwnerOf(this.own, mayBeOurs, versions?.[i] ?? null, value, found, ownership, Date.now());
      const isApplications = owner?.isOurs === false;
      outcomes[places[i] as number] = isApplications ? REDIS_ONLY : EXTRA;
      if (isApplications) continue;
      const what = isReadable && values.isLogin ? 'a login' : 'a session';
      const reason = `${what} without a file, valid ${lifeOf(expiryMs)}${owner === null ? '' : ', written by us'}`;
      const path = maskedKey(key, sid, this.#application);
      notes.push({ source: KEYS, path, fingerprint: fingerprintOf(sid), outcome: 'extra', reason, offset: -1 });
    }
  }
}

export function lifeOf(expiryMs: number): string {
  if (expiryMs === Number.POSITIVE_INFINITY) return 'for ever';
  return `for ${formatDuration(Math.max(0, expiryMs - Date.now()))}`;
}

const SIDS_PER_CHUNK = 512;

/**
 * Turns pages of keys into chunks of the session ids in them: those of this reader, this shard and this sample. A
 * target names a key twice at times; a chunk does not.
 */
export async function* chunksOfKeys(pages: AsyncIterable<string[]>, settings: VerifySettings): AsyncGenerator<Chunk> {
  const packer = new ChunkPacker();
  const application = applicationOf(settings.application);
  for await (const keys of pages) {
    for (const key of new Set(keys)) {
      const sid = sidOfKey(key, settings.key, application);
      if (sid === null || !application.acceptsSid(sid) || !isLookedAt(sid, settings)) continue;
      packer.add(sid, true);
      if (packer.count === SIDS_PER_CHUNK) yield packer.take(KEYS);
    }
  }
  if (packer.count > 0) yield packer.take(KEYS);
}

/** The same, with the session ids of all records in the ledger: for keys that do not show their ids. */
export async function* chunksOfRecords(ledger: Ledger, settings: VerifySettings): AsyncGenerator<Chunk> {
  const packer = new ChunkPacker();
  for await (const records of recordsOf(ledger)) {
    for (const { id } of records) {
      const sid = ledger.cipher.sidOf(id);
      if (sid === null || !isLookedAt(sid, settings)) continue;
      packer.add(sid, true);
      if (packer.count === SIDS_PER_CHUNK) yield packer.take(KEYS);
    }
  }
  if (packer.count > 0) yield packer.take(KEYS);
}

function isLookedAt(sid: string, { shard, sample }: VerifySettings): boolean {
  return (shard === null || isOfShard(sid, shard)) && (sample === null || isSampled(sid, sample));
}
