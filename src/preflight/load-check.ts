import type { LaneSettings } from '../lane/settings.js';
import { realFileSystem } from '../source/file-system.js';
import { filesAtMost, type Survey, surveyStores } from '../source/survey.js';
import type { ControlClient } from '../target/control.js';
import { weighCanary } from '../target/preflight/canary.js';
import { countPresent } from '../target/preflight/present-keys.js';
import type { ServerFacts } from '../target/preflight/server-facts.js';
import { inTurns } from '../turns.js';
import { type CapacityVerdict, capacityVerdict, type ExpectedLoad } from './capacity.js';
import type { StoreLook } from './store-look.js';
import { meanEntryBytes, movingShare, type StoreSample, takeSample, weightOf } from './store-sample.js';

/** Without this much room there is no canary: it must not drive anything out. */
const CANARY_ROOM_BYTES = 16 * 2 ** 20;

/** What of a run decides about its size. */
export interface LoadRequest {
  settings: LaneSettings;
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
  const ratio = isDryRun ? null : await measuredRatio(client, facts, quick.sample);
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
const GLANCE = { maxNames: 2_000, sampleSize: 64 };
const NEARLY_ALL = 0.9;

/**
 * Whether nearly all of a store's sessions are in Redis already, as a glance shows: then a pass brings little, and little
 * is to be asked before it. A glance at the first names is no fair sample, but who sees only sessions that are there
 * sees a store that was loaded.
 */
export async function isMostlyThere(client: ControlClient, settings: LaneSettings): Promise<boolean> {
  const survey = await inTurns(surveyStores(settings.sources, realFileSystem, { ...GLANCE, random: Math.random }));
  const { moving } = takeSample(settings, survey.sample, Date.now());
  const { own, present } = await countPresent(
    client,
    moving.map(({ key }) => key),
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
): Promise<number | null> {
  const { availableBytes } = capacityVerdict(facts, {
    sessions: 0,
    certainty: 'exactly',
    entryBytes: 0,
    isMeasured: false,
  });
  if (availableBytes !== null && availableBytes < CANARY_ROOM_BYTES) return null;
  return weighCanary(client, moving, weightOf);
}
