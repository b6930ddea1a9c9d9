import type { Outcome } from '../../session.js';
import { counted, formatCount } from '../../units.js';

/** What outcomes mean to `export`, where it differs from what they mean to `migrate`. */
export function exportMeanings(isDryRun: boolean): Partial<Record<Outcome, string>> {
  return {
    written: isDryRun ? 'would be written' : 'now a file',
    updated: isDryRun ? 'would replace an older file' : 'replaced an older file',
    same: 'the file was there already, with the same content',
    kept: 'a file that is as new or newer is there',
    expired: 'past its lifetime',
    foreign: 'not the key of a session',
    dead: 'an id that the application never accepts',
    vanished: 'gone before it was read: logged out, renewed or expired',
    empty: 'a value of zero bytes',
    malformed: 'the reader itself cannot decode it',
    unsupported: 'holds a type that the file cannot have',
  };
}

/** From this share of keys on that expire too late, the lifetime is probably wrong. */
const CAPPED_SHARE = 0.01;

/** What the warnings of an export depend on. */
export interface ExportFindings {
  directory: string;
  /** Whose files they are, as a heading shows it. */
  reader: string;
  /** Files written, and those of them whose keys never expire, or expire too late: their mtime had to be guessed. */
  placed: number;
  endless: number;
  capped: number;
  /** Session files in the directory without a key; NaN if nobody counted them. */
  leftovers: number;
  /** Keys, those of them that are sessions, and sessions with an id that the application never accepts. */
  listed: number;
  sessions: number;
  dead: number;
}

export function exportWarnings(findings: ExportFindings): string[] {
  const { directory, reader, placed, endless, capped, leftovers, listed, sessions, dead } = findings;
  const warnings: string[] = [];
  if (listed > 0 && sessions === 0) {
    warnings.push('none of these keys is of a session: check --profile, --prefix and the database in --from');
  }
  if (dead > 0 && dead === sessions) {
    warnings.push(
      `${reader} accepts none of these session ids, so nobody stays logged in: name the release that made them by --odoo`,
    );
  }
  if (leftovers > 0) {
    warnings.push(
      `files of sessions in ${directory} that belong to no key in Redis: ${formatCount(leftovers)}; such a session has expired ` +
        'or was logged out, and in the latter case these files log in again: export into an empty directory to be rid of them',
    );
  }
  if (endless > 0) {
    warnings.push(`never expire: ${counted(endless, 'key')}; the lifetime of their files begins with this export`);
  }
  // A few may be sessions saved in this very second on a server whose clock is ahead.
  if (capped > placed * CAPPED_SHARE) {
    warnings.push(
      `${formatCount(capped)} of the keys expire later than a session saved just now would: their files live for one lifetime from now on; if ` +
        'your reader has other lifetimes, name them by --lifetime and --anonymous-lifetime',
    );
  }
  return warnings;
}
