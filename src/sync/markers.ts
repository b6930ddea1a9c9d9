import { createHash } from 'node:crypto';
import type { HashForm, KeyTemplate } from '../applications/application.js';
import { applicationOf } from '../applications/application-of.js';
import { keyOf } from '../applications/keys.js';
import { EXIT, OperatorError } from '../errors.js';
import type { LaneSettings } from '../lane/settings.js';
import { META } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import type { ReceiptKeys } from '../ledger/receipts.js';
import type { LedgerShare } from '../ledger/record-doubt.js';
import { lastRecordedPass, sampleOfOurs } from '../ledger/visit.js';
import type { Endpoint } from '../redis/endpoint.js';
import {
  type FoundMarkers,
  type MarkerStage,
  markerNames,
  readMarkers,
  receiptKeys,
  writeMarkers,
} from '../redis/marker.js';
import { countKeys } from '../redis/reader.js';
import { canKeepReceipts, dropReceipts } from '../redis/receipt-keys.js';
import {
  type Conclusion,
  conclude,
  type Evidence,
  type KnownMarker,
  needsSample,
  type SampleCount,
} from './conclusion.js';

/** At least so long a marker lives: past every copy that was made before it, or its absence would say nothing. */
const LEAST_LIFE_MS = 90 * 86_400_000;

/** The markers of a run in its target, and what its ledger knows of them. Reads only, but for {@link write}. */
export class RunMarkers {
  readonly names: readonly string[];
  /** Where receipts lie that belong to the marker. */
  readonly receipts: ReceiptKeys;
  readonly #lifeMs: number;

  constructor(
    readonly ledger: Ledger,
    readonly target: Endpoint,
    lanes: Pick<LaneSettings, 'key' | 'sources' | 'shard' | 'application'>,
  ) {
    const { key } = lanes;
    const { longestLifetimeMs, reader } = applicationOf(lanes.application);
    this.#hash = reader.hash;
    const run = fingerprintOfRun(lanes, target);
    this.names = markerNames(key, run, target.discovery?.by === 'cluster');
    this.receipts = receiptKeys(key, run);
    this.#lifeMs = Math.max(LEAST_LIFE_MS, longestLifetimeMs);
    this.key = key;
  }

  readonly #hash: HashForm | null;
  private readonly key: KeyTemplate;
  /** Whether the operator knows that the user may not write them. */
  isRefusalTold = false;
  /** A run with another state directory was at work meanwhile, as {@link areOf} saw last. */
  hasMetOther = false;
  /** Receipts may be there that are of no use any more. */
  #hasLeftovers = false;

  /**
   * What the target went through since the ledger was written last.
   * @throws {OperatorError} where it can't be asked
   */
  async conclude(): Promise<{ conclusion: Conclusion; found: FoundMarkers }> {
    const { ledger } = this;
    const found = await readMarkers(this.target, this.names);
    const known = await ledger.fact<KnownMarker>(META.marker);
    if (found.isDenied && known?.names.some((name) => !found.markers.has(name))) {
      throw new OperatorError(
        EXIT.permission,
        `the user may not read the marker ${this.names[0]}, without which a loss can't be told from logouts: grant +get on it`,
      );
    }
    const evidence: Evidence = {
      run: await ledger.runId(),
      lastPass: await ledger.lastPass(),
      lastRecorded: await lastRecordedPass(ledger),
      hasRecords: await ledger.hasRecords(),
      isCutover: (await ledger.fact<boolean>(META.cutover)) === true,
      isUndoing: (await ledger.fact(META.doubt)) !== null,
      known,
      found: found.markers,
      instance: found.instance,
      sample: null,
      nowMs: Date.now(),
    };
    const sample = needsSample(evidence) ? await this.sample() : null;
    return { conclusion: conclude({ ...evidence, sample }), found };
  }

  /**
   * Whether all markers are as this pass left them, or as a run with another state directory did since. Where they may
   * not be read any more nothing is known to be lost.
   * @throws {OperatorError} where the target can't be asked
   */
  async areOf(pass: number): Promise<boolean> {
    const known = await this.ledger.fact<KnownMarker>(META.marker);
    if (known === null || known.pass !== pass) return true;
    const run = await this.ledger.runId();
    const writtenMs = known.expiryMs - this.#lifeMs;
    const { markers, isDenied } = await readMarkers(this.target, known.names);
    if (isDenied) return true;
    this.hasMetOther = [...markers.values()].some((marker) => marker.run !== run);
    return known.names.every((name) => {
      const marker = markers.get(name);
      return marker !== undefined && (marker.run === run ? marker.pass === pass : marker.atMs >= writtenMs);
    });
  }

  /**
   * Leaves the marker of a pass, and notes it in the ledger. Returns whether the user may, or has been told that he may
   * not.
   * @throws {OperatorError}
   */
  async write(pass: number, stage: MarkerStage, isFinalDone: boolean): Promise<boolean> {
    const { ledger, target, names } = this;
    const atMs = Date.now();
    const expiryMs = atMs + this.#lifeMs;
    const before = await ledger.fact<KnownMarker>(META.marker);
    const completePass = stage === 'complete' || stage === 'final' ? pass : (before?.completePass ?? 0);
    const hasReceipts = (await ledger.fact<boolean>(META.receipts)) === true;
    const marker = { run: await ledger.runId(), pass, stage, atMs, completePass, hasReceipts };
    const written = await writeMarkers(target, names, marker, expiryMs);
    if (written === null) {
      const isNews = !this.isRefusalTold;
      this.isRefusalTold = true;
      return !isNews;
    }
    const { instance } = await readMarkers(target, written);
    const known: KnownMarker = { names: written, pass, stage, isFinalDone, expiryMs, completePass, instance };
    await ledger.keepFact(META.marker, known);
    return true;
  }

  /**
   * Where the pass that begins leaves receipts of what it sends; null for one that leaves none. To be asked before its
   * marker says whether there are any.
   * @throws {OperatorError}
   */
  async receiptsOf(mode: LedgerShare['mode']): Promise<LedgerShare['receipts']> {
    const { ledger, target, receipts } = this;
    const isWhole = await ledger.fact<boolean>(META.receipts);
    const isWanted = isWhole === true && mode !== 'cutover';
    if (isWanted && (await canKeepReceipts(target, receipts))) return { run: await ledger.runId(), keys: receipts };
    this.#hasLeftovers = isWhole !== false;
    await ledger.keepFact(META.receipts, false);
    return null;
  }

  /**
   * Takes receipts away once the marker denies them: some without the others would be taken for all.
   * @throws {OperatorError}
   */
  async dropLeftovers(): Promise<void> {
    if (this.#hasLeftovers) await dropReceipts(this.target, this.receipts);
    this.#hasLeftovers = false;
  }

  /**
   * Some recorded copies that are due, by what the target holds for them.
   * @throws {OperatorError}
   */
  async sample(): Promise<SampleCount> {
    const sample = await sampleOfOurs(this.ledger, Date.now());
    const keys = sample.map(({ sid }) => keyOf(this.key, sid));
    return countKeys(
      this.target,
      keys,
      sample.map(({ versions }) => versions),
      this.#hash,
    );
  }
}

/**
 * The key that says how far a run has come, and where it lies, for the operator.
 * @param database null for the sessions' own
 */
export function describeMarker(
  lanes: Pick<LaneSettings, 'key' | 'sources' | 'shard' | 'application'>,
  target: Endpoint,
  database: number | null,
): string {
  const isCluster = target.discovery?.by === 'cluster';
  const [name] = markerNames(lanes.key, fingerprintOfRun(lanes, target) + (isCluster ? ':{...}' : ''), false);
  if (isCluster) return `${name}, one per master`;
  return `${name} in database ${database ?? `${target.databaseIndex ?? 0}, beside the sessions`}`;
}

/**
 * Tells the runs of other sources, of other shares of them and into other databases apart; says nothing about where
 * they are.
 */
function fingerprintOfRun(
  { sources, shard, application }: Pick<LaneSettings, 'sources' | 'shard' | 'application'>,
  { databaseIndex = 0 }: Pick<Endpoint, 'databaseIndex'>,
): string {
  const parts = [...sources, `${shard?.index}/${shard?.of}`, `${databaseIndex}`, ...applicationOf(application).scope];
  return createHash('sha1').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
}
