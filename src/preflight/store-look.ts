import type { LaneSettings } from '../lane/settings.js';
import { realFileSystem } from '../source/file-system.js';
import { type Survey, surveyStores } from '../source/survey.js';
import { inTurns } from '../turns.js';
import { type StoreSample, takeSample } from './store-sample.js';

/** Names that are listed without a second thought (0.1 s), and those that a close verdict is worth (some 10 s). */
const QUICK_NAMES = 200_000;
const ALL_NAMES = 20_000_000;
const SAMPLE_SIZE = 256;

/** What a look at the stores found. */
interface Seen {
  survey: Survey;
  sample: StoreSample;
}

/** A look at the stores of a run, taken when it is first needed and then once for all servers of the target. */
export class StoreLook {
  #quick: Seen | null = null;
  #whole: Seen | null = null;

  /** @param quickNames how many are listed before anything is known */
  constructor(
    readonly settings: LaneSettings,
    readonly quickNames = QUICK_NAMES,
  ) {}

  async quick(): Promise<Seen> {
    this.#quick ??= await look(this.settings, this.quickNames);
    return this.#quick;
  }

  /** As far as {@link ALL_NAMES} go. */
  async whole(): Promise<Seen> {
    const quick = await this.quick();
    this.#whole ??= quick.survey.isComplete ? quick : await look(this.settings, ALL_NAMES);
    return this.#whole;
  }
}

async function look(settings: LaneSettings, maxNames: number): Promise<Seen> {
  const bounds = { maxNames, sampleSize: SAMPLE_SIZE, random: Math.random };
  const survey = await inTurns(surveyStores(settings.sources, realFileSystem, bounds));
  return { survey, sample: takeSample(settings, survey.sample, Date.now()) };
}
