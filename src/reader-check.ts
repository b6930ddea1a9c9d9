import { OperatorError } from './errors.js';
import { EXIT } from './exit-codes.js';
import { SessionJourney } from './lane/journey.js';
import type { LaneSettings } from './lane/settings.js';
import { isParsed } from './lane/statistics.js';
import type { Profile } from './profiles/profile.js';
import { SID_KINDS, type SidKind } from './session.js';
import { realFileSystem } from './source/file-system.js';
import { parseName } from './source/layout.js';
import { Listing, mayBeFile } from './source/listing.js';
import { errorCode } from './system-error.js';

/** Bounds of the look at a store, which takes milliseconds whatever its size. */
const MAX_ROOT_NAMES = 5_000;
const NAMES_PER_SHARD = 32;
const SESSIONS_TO_PARSE = 200;
const SESSIONS_TO_OPEN = 2_000;

/** What a shard's name is made of. */
const SID_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-';

interface Sample {
  kinds: Set<SidKind>;
  /** Sessions that only Odoo 18.0 writes (`_trace`, no `create_time`), and those of 19.0 and later. */
  odoo18: number;
  odoo19: number;
}

/**
 * Refuses a pair of store and reader that can never work: every copy would succeed, and every user be logged out. A
 * small sample of the store decides; single sessions of a wrong kind are the outcome `dead`.
 *
 * @param isVouchedFor whether the operator named the reader's ids by `--sids`
 * @throws {OperatorError} with exit code 7, and what to patch
 */
export function checkReader(settings: LaneSettings, profile: Profile, isVouchedFor: boolean): void {
  const sample = sampleStore(settings);
  if (sample.kinds.size > 0 && [...sample.kinds].every((kind) => !settings.sids.includes(kind))) {
    throw refused(
      `the ids in this store have ${lengths([...sample.kinds])} characters, and ${profile.name} accepts only ` +
        `${lengths(settings.sids)}: every user would be logged out; choose the profile of the module that will read them, ` +
        'or patch its is_valid_key to accept them and name their length by --sids',
    );
  }
  if (profile.rejectsOdoo18Sids && !isVouchedFor && sample.odoo18 > 0 && sample.odoo19 === 0) {
    throw refused(
      `these are sessions of Odoo 18, and the ${profile.name} module for 18.0 rejects their 84-character ids (it inherits the ` +
        'rule for 40), so every user would be logged out: patch its RedisSessionStore to borrow is_valid_key and generate_key ' +
        "from Odoo's FilesystemSessionStore, as its 19.0 branch does, then run again with --sids 84",
    );
  }
}

/**
 * Looks at the root of each store and into its shards separately: the root of an upgraded store may begin with millions
 * of flat leftovers.
 */
function sampleStore(settings: LaneSettings): Sample {
  const sample: Sample = { kinds: new Set(), odoo18: 0, odoo19: 0 };
  const journey = new SessionJourney(realFileSystem, { ...settings, sids: SID_KINDS, shard: null });
  const nowMs = Date.now();
  let opened = 0;
  let parsed = 0;
  for (const [source, root] of settings.sources.entries()) {
    for (const path of samplePaths(root)) {
      const { kind } = parseName(path, journey.name);
      if (kind === null) continue;
      sample.kinds.add(kind);
      if (kind === 'hex40') continue;
      if (opened++ >= SESSIONS_TO_OPEN || parsed >= SESSIONS_TO_PARSE) break;
      // Sessions that stay behind for another reason say nothing about this reader.
      const outcome = journey.take(source, path, true, nowMs);
      if (!isParsed(outcome) || outcome === 'other-db') continue;
      parsed++;
      if (journey.facts.hasCreateTime) sample.odoo19++;
      else if (journey.facts.hasTrace) sample.odoo18++;
    }
  }
  return sample;
}

/** Names of files in the root, then some of every shard that is there. */
function* samplePaths(root: string): Generator<string> {
  yield* fileNames(root, MAX_ROOT_NAMES);
  for (const first of SID_CHARACTERS) {
    for (const second of SID_CHARACTERS) {
      const shard = first + second;
      for (const name of fileNames(`${root}/${shard}`, NAMES_PER_SHARD)) yield `${shard}/${name}`;
    }
  }
}

function* fileNames(directory: string, most: number): Generator<string> {
  let names: Listing | null = null;
  try {
    names = new Listing(realFileSystem, directory, most);
    for (let seen = 0; seen < most && names.next(); seen++) if (mayBeFile(names)) yield names.name;
  } catch (error) {
    // Most of the 4096 shards may not exist, and one that can't be read is the walk's to report.
    if (errorCode(error) === '') throw error;
  } finally {
    names?.close();
  }
}

function lengths(kinds: readonly SidKind[]): string {
  return kinds.map((kind) => kind.replace(/\D/g, '')).join(' or ');
}

function refused(message: string): OperatorError {
  return new OperatorError(EXIT.refused, message);
}
