import type { LedgerIdentity } from './ledger/identity.js';
import type { RunOptions } from './options.js';
import { readerSettings } from './options-profile.js';
import { describeEndpoint } from './target/endpoint.js';

/**
 * What a ledger must agree with: everything that decides which session gets which key, value and expiry, and where. A plain
 * profile counts as it was named: the release that a store shows may change with an upgrade of Odoo.
 */
export function ledgerIdentityOf(options: RunOptions, sources: readonly string[]): LedgerIdentity {
  const { policy, key, shard } = options.pass.lanes;
  const { profile, fixed } = options.reader;
  const sids = fixed.sids ?? profile.sidsInLedger ?? profile.sids;
  const { lifetimes } = readerSettings(profile, fixed);
  return {
    sources: sources.join(', '),
    target: options.target === null ? '' : describeEndpoint(options.target),
    profile: profile.name,
    key: `${key.before}{sid}${key.after}`,
    encoding: profile.encoding,
    sids: sids.join(','),
    lifetime: `${lifetimes.authenticatedLifetimeMs / 1000}s`,
    'anonymous lifetime': `${lifetimes.anonymousLifetimeMs / 1000}s`,
    'policy for sessions without a login': policy.anonymous,
    'choice of databases': policy.databases.length === 0 ? 'all' : [...policy.databases].sort().join(', '),
    'maximum age': Number.isFinite(policy.maxAgeMs) ? `${policy.maxAgeMs / 1000}s` : 'none',
    shard: shard === null ? 'all' : `${shard.index}/${shard.of}`,
  };
}
