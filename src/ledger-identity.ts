import type { Identity } from './ledger/identity.js';
import type { RunOptions } from './options.js';
import { describeEndpoint } from './target/endpoint.js';

/** What a ledger must agree with: everything that decides which session gets which key, value and expiry, and where. */
export function identityOf(options: RunOptions, sources: readonly string[]): Identity {
  const { policy, key, sids, reader, shard } = options.pass.lanes;
  return {
    sources: sources.join(', '),
    target: options.target === null ? '' : describeEndpoint(options.target),
    profile: options.profile.name,
    key: `${key.before}{sid}${key.after}`,
    encoding: reader.encoding,
    sids: sids.join(','),
    lifetime: `${policy.authenticatedLifetimeMs / 1000}s`,
    'anonymous lifetime': `${policy.anonymousLifetimeMs / 1000}s`,
    'policy for sessions without a login': policy.anonymous,
    'choice of databases': policy.databases.length === 0 ? 'all' : [...policy.databases].sort().join(', '),
    'maximum age': Number.isFinite(policy.maxAgeMs) ? `${policy.maxAgeMs / 1000}s` : 'none',
    shard: shard === null ? 'all' : `${shard.index}/${shard.of}`,
  };
}
