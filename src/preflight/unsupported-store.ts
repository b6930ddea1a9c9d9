import { applicationOf } from '../applications/application-of.js';
import { EXIT, OperatorError } from '../errors.js';
import type { FileSettings } from '../intake/settings.js';
import { FileIntake } from '../intake/take-file.js';
import { surveyStores } from '../source/survey.js';
import { realFileSystem } from '../system/file-system.js';
import { inTurns } from '../system/process.js';
import { formatCount } from '../units.js';

/** A glance at a store: some names, and some of the files that they name. */
const GLANCE = { maxNames: 2_000, sampleSize: 64 };
/** From this share on a setting of the application is the reason, and not a single odd file. */
const NEARLY_ALL = 0.9;

/**
 * Why hardly a session of a store can be moved, where nearly all of those looked at are unsupported for one reason: the
 * application encrypts them, or writes in another format than its reader is set to. Null where they can be moved.
 */
export async function refusalOfStore(settings: FileSettings, signal?: AbortSignal): Promise<OperatorError | null> {
  const application = applicationOf(settings.application);
  const survey = await inTurns(
    surveyStores(settings.sources, application, realFileSystem, { ...GLANCE, random: Math.random }),
    signal,
  );
  const intake = new FileIntake(realFileSystem, { ...settings, shard: null });
  const reasons = new Map<string, number>();
  let taken = 0;
  for (const { source, path } of survey.sample) {
    const outcome = intake.take(source, path, true, Date.now());
    if (outcome === 'foreign' || outcome === 'vanished' || outcome === 'empty') continue;
    taken++;
    if (outcome === 'unsupported') reasons.set(intake.reason, (reasons.get(intake.reason) ?? 0) + 1);
  }
  const [first] = [...reasons].sort(([, a], [, b]) => b - a);
  if (first === undefined || first[1] < taken * NEARLY_ALL) return null;
  const [reason, count] = first;
  return new OperatorError(
    EXIT.refused,
    `${formatCount(count)} of ${formatCount(taken)} sessions looked at can't be moved (${reason}): change that in the application and ` +
      'wait until its old sessions have ended, or let all users log in again',
  );
}
