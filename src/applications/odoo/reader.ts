import type { KeyTemplate } from '../application.js';
import type { ConfiguredReader, Rivals, StoreObserver } from '../configured-reader.js';
import { contradictionOf, prefixHint, prefixQuestion } from './contradiction.js';
import type { DetectedReader } from './detected-reader.js';
import type { OdooSettings } from './odoo.js';
import { keyTemplateOf, type Profile } from './profile.js';
import { checkReader, settleRelease } from './reader-check.js';
import { readerSettings, type SettledReader } from './reader-options.js';
import { EvidenceCollector, noEvidence, type StoreEvidence } from './store-evidence.js';
import { wrongDirectoryReason } from './stores-near.js';

/** A Redis module for Odoo, as the options name it and a store shows it. */
export class OdooReader implements ConfiguredReader {
  readonly name: string;
  readonly release: string | null;
  readonly profile: Profile;
  readonly settings: { odoo: OdooSettings };
  readonly key: KeyTemplate;
  readonly hash = null;
  readonly pool = null;
  readonly missing = [];
  readonly databaseIndex: number;
  readonly renewalMs: number;
  readonly isPrefixGiven: boolean;
  readonly division: readonly string[];
  readonly hasRivals = true;

  constructor(
    readonly settled: SettledReader,
    readonly evidence: StoreEvidence = noEvidence(),
  ) {
    const { named, profile, release } = settled;
    const { lifetimes, sids, reader, renewalMs } = readerSettings(profile, named.fixed);
    this.name = profile.name;
    this.release = release;
    this.profile = profile;
    this.settings = {
      odoo: { policy: { ...lifetimes, ...named.selection, databases: named.databases }, sids, reader },
    };
    this.key = keyTemplateOf(named.profile, named.prefix);
    this.databaseIndex = profile.databaseIndex;
    this.renewalMs = renewalMs;
    this.isPrefixGiven = named.isPrefixGiven;
    this.division = named.databases;
  }

  get identity(): Record<string, string> {
    const { profile, fixed, selection, databases } = this.settled.named;
    const { before, after } = this.key;
    const { lifetimes } = readerSettings(profile, fixed);
    return {
      profile: profile.name,
      key: `${before}{sid}${after}`,
      encoding: profile.encoding,
      sids: (fixed.sids ?? profile.sidsInLedger ?? profile.sids).join(','),
      lifetime: `${lifetimes.authenticatedLifetimeMs / 1000}s`,
      'anonymous lifetime': `${lifetimes.anonymousLifetimeMs / 1000}s`,
      'policy for sessions without a login': selection.anonymous,
      'choice of databases': databases.length === 0 ? 'all' : [...databases].sort().join(', '),
      'maximum age': Number.isFinite(selection.maxAgeMs) ? `${selection.maxAgeMs / 1000}s` : 'none',
    };
  }

  wrongDirectoryReason(directory: string): string | null {
    return wrongDirectoryReason(directory);
  }

  observer(): StoreObserver {
    return new EvidenceCollector(
      this.settings.odoo,
      (evidence) => new OdooReader(settleRelease(this.settled, evidence), evidence),
    );
  }

  check(): string[] {
    return checkReader(this.evidence, this.settled);
  }

  rivalsAmong(findings: readonly DetectedReader[], database: number): Rivals {
    const chosen = { key: this.key, encoding: this.settings.odoo.reader.encoding, database };
    return {
      question: prefixQuestion(findings, this.name, chosen),
      warning: contradictionOf(findings, chosen),
      hint: prefixHint(findings, this.name, chosen),
    };
  }
}
