import { applicationOf } from '../applications/application-of.js';
import { keyOf } from '../applications/keys.js';
import type { FileSettings } from '../intake/settings.js';
import { FileIntake } from '../intake/take-file.js';
import type { ControlClient } from '../redis/control.js';
import type { ServerFacts } from '../redis/info.js';
import { sessionBytes } from '../redis/memory-model.js';
import { filesAtMost, type Survey, type SurveyedName, surveyStores } from '../source/survey.js';
import { realFileSystem } from '../system/file-system.js';
import { inTurns } from '../system/process.js';
import { countPresent, type EntrySize, weighCanary } from './canary.js';
import { type CapacityVerdict, capacityVerdict, type ExpectedLoad } from './capacity.js';

/** A session that would be written. The key holds a sid: it is never shown. */
interface MovingSession extends EntrySize {
  key: string;
}

/** What a sample of session files comes to under this run's options. */
export interface StoreSample {
  taken: number;
  moving: MovingSession[];
}

/** Takes sampled files the way a lane does, short of writing. */
export function takeSample(settings: FileSettings, names: readonly SurveyedName[], nowMs: number): StoreSample {
  const intake = new FileIntake(realFileSystem, settings);
  const moving: MovingSession[] = [];
  for (const { source, path } of names) {
    if (intake.take(source, path, true, nowMs) !== null) continue;
    const key = keyOf(settings.key, intake.name.sid);
    moving.push({ key, keyBytes: Buffer.byteLength(key), valueBytes: intake.valueLength });
  }
  return { taken: names.length, moving };
}

/** Share of the sampled files that move, 0 to 1. */
export function movingShare({ taken, moving }: StoreSample): number {
  return taken === 0 ? 0 : moving.length / taken;
}

/** What MEMORY USAGE leaves out: the entry in the table of expiries, and what the allocator adds to both entries. */
const UNWEIGHED_BYTES = 40;

/** What `MEMORY USAGE` says of a session of this size, by the model. */
export function weightOf({ keyBytes, valueBytes }: EntrySize): number {
  return sessionBytes(keyBytes, valueBytes) - UNWEIGHED_BYTES;
}

/**
 * Mean bytes of memory that a moving session takes, hash tables not included; 0 where none moves.
 *
 * @param ratio of what the server weighs to what the model says; 1 for the model alone
 */
export function meanEntryBytes({ moving }: StoreSample, ratio: number): number {
  if (moving.length === 0) return 0;
  const weight = moving.reduce((sum, size) => sum + weightOf(size), 0);
  return (weight / moving.length) * ratio + UNWEIGHED_BYTES;
}

/** Without this much room there is no canary: it must not drive anything out. */
const CANARY_ROOM_BYTES = 16 * 2 ** 20;

/** What of a run decides about its size. */
export interface LoadRequest {
  settings: FileSettings;
  /** Entries after which the run stops; Infinity for none. */
  maxEntries: number;
  /** Nothing at all may be written, not even for a moment. */
  isDryRun: boolean;
}

/** Estimates how many sessions a run adds to this server and what they take, and whether they fit. */
export async function checkLoad(
  client: ControlClient,
  facts: ServerFacts,
  { maxEntries, isDryRun }: LoadRequest,
  store: StoreLook,
): Promise<CapacityVerdict> {
  const quick = await store.quick();
  const ratio = isDryRun ? null : await measuredRatio(client, facts, quick.sample, store.settings);
  const expect = (sample: StoreSample, load: Pick<ExpectedLoad, 'sessions' | 'certainty'>, share: number) => {
    const entryBytes = meanEntryBytes(sample, ratio ?? 1);
    return capacityVerdict(facts, { ...load, entryBytes, isMeasured: ratio !== null }, share);
  };
  if (!quick.survey.isComplete && quick.sample.moving.length > 0) {
    const atMost = filesAtMost(store.settings.sources);
    const { nodeShare } = await sharesOf(client, facts, quick.sample);
    const load = { sessions: Math.min(atMost ?? 0, maxEntries), certainty: 'at most' } as const;
    const verdict = expect(quick.sample, load, nodeShare);
    if (atMost !== null && verdict.fits) return verdict;
  }
  const { survey, sample } = await store.whole();
  const { nodeShare, absentShare } = await sharesOf(client, facts, sample);
  const sessions = Math.min(survey.sessions, maxEntries) * movingShare(sample) * absentShare;
  return expect(sample, { sessions, certainty: certaintyOf(survey) }, nodeShare);
}

/** Of the sessions that move: the share that falls to this server, and of those the share that is not there yet. */
async function sharesOf(
  client: ControlClient,
  { isCluster }: ServerFacts,
  { moving }: StoreSample,
): Promise<{ nodeShare: number; absentShare: number }> {
  const { own, present } = await countPresent(
    client,
    moving.map(({ key }) => key),
  );
  return {
    nodeShare: isCluster && moving.length > 0 ? own / moving.length : 1,
    absentShare: own === 0 ? 1 : 1 - present / own,
  };
}

/** A glance at a store, for a pass that comes every few minutes. */
const GLANCE: LookBounds = { maxNames: 2_000, sampleSize: 64 };
const NEARLY_ALL = 0.9;

/**
 * Whether nearly all of a store's sessions are in Redis already, as a glance shows: then a pass brings little, and
 * little is to be asked before it. A glance at the first names is no fair sample, but who sees only sessions that are
 * there sees a store that was loaded.
 */
export async function isMostlyThere(client: ControlClient, store: StoreLook): Promise<boolean> {
  const { sample } = await store.glance();
  const { own, present } = await countPresent(
    client,
    sample.moving.map(({ key }) => key),
  );
  return own > 0 && present >= own * NEARLY_ALL;
}

function certaintyOf({ isComplete, sessions, sample }: Survey): ExpectedLoad['certainty'] {
  if (!isComplete) return 'at least';
  return sample.length === sessions ? 'exactly' : 'about';
}

/** How the server's own weights compare with the model's; null where it can't or should not be asked. */
async function measuredRatio(
  client: ControlClient,
  facts: ServerFacts,
  { moving }: StoreSample,
  { application }: Pick<FileSettings, 'application'>,
): Promise<number | null> {
  const { availableBytes } = capacityVerdict(facts, {
    sessions: 0,
    certainty: 'exactly',
    entryBytes: 0,
    isMeasured: false,
  });
  if (availableBytes !== null && availableBytes < CANARY_ROOM_BYTES) return null;
  return weighCanary(client, moving, weightOf, applicationOf(application).reader.hash);
}

/** Names that are listed without a second thought (0.1 s), and those that a close verdict is worth (some 10 s). */
const QUICK_NAMES = 200_000;
const ALL_NAMES = 20_000_000;
const SAMPLE_SIZE = 256;

/** What a look at the stores found. */
interface Seen {
  survey: Survey;
  sample: StoreSample;
}

/** How many names are listed, and how many of the files are taken as a sample. */
interface LookBounds {
  maxNames: number;
  sampleSize: number;
}

/** A look at the stores of a run, taken when it is first needed and then once for all servers of the target. */
export class StoreLook {
  #glance: Seen | null = null;
  #quick: Seen | null = null;
  #whole: Seen | null = null;

  /** @param quickNames how many are listed before anything is known */
  constructor(
    readonly settings: FileSettings,
    readonly quickNames = QUICK_NAMES,
  ) {}

  /** The first few names. */
  async glance(): Promise<Seen> {
    this.#glance ??= await look(this.settings, GLANCE);
    return this.#glance;
  }

  async quick(): Promise<Seen> {
    this.#quick ??= await look(this.settings, { maxNames: this.quickNames, sampleSize: SAMPLE_SIZE });
    return this.#quick;
  }

  /** As far as {@link ALL_NAMES} go. */
  async whole(): Promise<Seen> {
    const quick = await this.quick();
    this.#whole ??= quick.survey.isComplete
      ? quick
      : await look(this.settings, { maxNames: ALL_NAMES, sampleSize: SAMPLE_SIZE });
    return this.#whole;
  }
}

async function look(settings: FileSettings, bounds: LookBounds): Promise<Seen> {
  const application = applicationOf(settings.application);
  const survey = await inTurns(
    surveyStores(settings.sources, application, realFileSystem, { ...bounds, random: Math.random }),
  );
  return { survey, sample: takeSample(settings, survey.sample, Date.now()) };
}
