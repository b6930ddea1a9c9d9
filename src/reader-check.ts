import { OperatorError } from './errors.js';
import { EXIT } from './exit-codes.js';
import { SessionJourney } from './lane/journey.js';
import type { LaneSettings } from './lane/settings.js';
import { isParsed } from './lane/statistics.js';
import type { Profile } from './profiles/profile.js';
import { SID_KINDS, type SidKind } from './session.js';
import { ChunkCursor } from './source/chunk.js';
import { realFileSystem } from './source/file-system.js';
import { parseName, type SessionName } from './source/layout.js';
import { walk } from './source/walk.js';

/** Names looked at, and sessions opened, to learn which Odoo wrote the store; the whole check takes milliseconds. */
const MAX_NAMES = 20_000;
const MAX_SESSIONS = 200;
const NAMES_PER_CHUNK = 256;

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

function sampleStore(settings: LaneSettings): Sample {
  const sample: Sample = { kinds: new Set(), odoo18: 0, odoo19: 0 };
  const journey = new SessionJourney(realFileSystem, { ...settings, sids: SID_KINDS });
  const name: SessionName = { kind: null, sid: '', layout: 'flat', isTempFile: false };
  const nowMs = Date.now();
  let names = 0;
  let sessions = 0;
  const options = { fileSystem: realFileSystem, maxEntries: () => NAMES_PER_CHUNK, onUnreadable: () => {} };
  for (const chunk of walk(settings.sources, options)) {
    const entries = new ChunkCursor(chunk);
    while (entries.next()) {
      parseName(entries.path, name);
      if (name.kind === null || !entries.mayBeFile) continue;
      sample.kinds.add(name.kind);
      if (name.kind === 'hex40' || sessions >= MAX_SESSIONS) continue;
      sessions++;
      if (!isParsed(journey.take(chunk.source, entries.path, true, nowMs))) continue;
      if (journey.facts.hasCreateTime) sample.odoo19++;
      else if (journey.facts.hasTrace) sample.odoo18++;
    }
    names += chunk.count;
    if (names >= MAX_NAMES) break;
  }
  return sample;
}

function lengths(kinds: readonly SidKind[]): string {
  return kinds.map((kind) => kind.replace(/\D/g, '')).join(' or ');
}

function refused(message: string): OperatorError {
  return new OperatorError(EXIT.refused, message);
}
