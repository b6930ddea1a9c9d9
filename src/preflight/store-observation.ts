import { newStoreName } from '../applications/application.js';
import { applicationOf } from '../applications/application-of.js';
import type { ConfiguredReader, StoreObserver } from '../applications/configured-reader.js';
import { isParsed } from '../counts/statistics.js';
import { EXIT, OperatorError } from '../errors.js';
import type { FileSettings } from '../intake/settings.js';
import { FileIntake } from '../intake/take-file.js';
import { Listing, mayBeFile } from '../source/store-root.js';
import { surveyStores } from '../source/survey.js';
import { errorCode } from '../system/errno.js';
import { realFileSystem } from '../system/file-system.js';
import { inTurns } from '../system/process.js';
import { formatCount } from '../units.js';

/** Bounds of the look at a store, which takes some 50 ms whatever its size. */
const MAX_ROOT_NAMES = 5_000;
const NAMES_PER_DIRECTORY = 32;
const MAX_NAMES_BELOW = 16_384;

/**
 * Looks at some sessions of each store and returns the reader that fits them. The root of a store and its directories
 * are looked at separately: the root of an upgraded store may begin with millions of leftovers. Yields where it may be
 * left for a moment.
 */
export function* observeStore(settings: FileSettings, reader: ConfiguredReader): Generator<void, ConfiguredReader> {
  const observer = reader.observer();
  if (observer === null) return reader;
  const intake = new FileIntake(realFileSystem, { ...settings, application: observer.settings, shard: null });
  const name = newStoreName();
  const nowMs = Date.now();
  for (const [source, root] of settings.sources.entries()) {
    for (const paths of [namesIn(root, MAX_ROOT_NAMES), pathsBelow(root, observer)]) {
      observer.begin();
      for (const path of paths) {
        yield;
        if (path === null || !observer.wants(path, name)) continue;
        // Sessions that stay behind for another reason say nothing about this reader.
        const outcome = intake.take(source, path, true, nowMs);
        if (!isParsed(outcome) || outcome === 'other-db') continue;
        const { facts, reader: file, value, valueLength } = intake;
        observer.add({
          ...{ name: intake.name, facts, outcome, mtimeMs: file.mtimeMs },
          ...{ file: file.buffer, value: value.subarray(0, valueLength) },
        });
      }
    }
  }
  return observer.settle();
}

/** Some files of the directories that are there, as many as make a fair sample; null for each directory looked into. */
function* pathsBelow(root: string, observer: StoreObserver): Generator<string | null> {
  let left = MAX_NAMES_BELOW;
  for (const directory of observer.directories()) {
    if (left <= 0) return;
    for (const name of namesIn(`${root}/${directory}`, NAMES_PER_DIRECTORY)) {
      left--;
      yield `${directory}/${name}`;
    }
    yield null;
  }
}

function* namesIn(directory: string, most: number): Generator<string> {
  let names: Listing | null = null;
  try {
    names = new Listing(realFileSystem, directory, most);
    for (let seen = 0; seen < most && names.next(); seen++) if (mayBeFile(names)) yield names.name;
  } catch (error) {
    // Most directories may not exist, and one that can't be read is the walk's to report.
    if (errorCode(error) === '') throw error;
  } finally {
    names?.close();
  }
}

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
