import type { OperatorError } from '../errors.js';
import { badTarget } from './url-parts.js';

const SCHEMES = ['redis', 'rediss', 'unix', 'sentinel', 'sentinels', 'cluster', 'clusters'];
/** scheme, what comes before the first character that ends host and port, and the rest. */
const NETWORK = /^(?:rediss?|sentinels?|clusters?):\/\/([^/?#]*)([/?#].*)?$/is;

/**
 * What somebody meant who wrote a target that can't be read, where that can be told; null otherwise. No part of a target
 * that may be a password is repeated.
 */
export function mistakeIn(text: string): OperatorError | null {
  const [, authority = '', rest = ''] = NETWORK.exec(text) ?? [];
  if (!authority.includes('@') && /@/.test(rest)) {
    return badTarget(
      'the password in the target has a /, ? or #: write %2F, %3F or %23 for it, or give it by --password-file or ' +
        'SESS2REDIS_PASSWORD',
    );
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (SCHEMES.includes(scheme)) {
    if (text.slice(scheme.length).startsWith('://')) return null;
    return noUrl(`write ${scheme}://, as in ${scheme === 'unix' ? 'unix:///run/redis.sock' : `${scheme}://host:6379`}`);
  }
  if (/^\.{0,2}\//.test(text)) return noUrl('it has no scheme, write unix:///path/to/redis.sock, an absolute path');
  // A URL takes the host of `host:port` for a scheme.
  if (HOST.test(text)) return noUrl(`it has no scheme, write redis://${text}, or rediss:// for TLS`);
  if (/@[\w.-]+(:\d{1,5})?(\/\d*)?$/.test(text) && !text.includes('://')) {
    return noUrl('it has no scheme, write redis:// before it, or rediss:// for TLS');
  }
  return null;
}

/** `host`, `host:port` or either with a database. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?(?:\/\d{1,5})?$/i;

function noUrl(advice: string): OperatorError {
  return badTarget(`the target is not a URL: ${advice}`);
}
