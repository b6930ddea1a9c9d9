import type { OptionReader } from './options-reader.js';
import type { Profile } from './profiles/profile.js';
import { type Endpoint, parseTarget } from './target/endpoint.js';

/**
 * The Redis that `--to` or `--from` names, with what the other options say about reaching it; null where none is named.
 */
export function readTarget(
  read: OptionReader,
  name: 'to' | 'from',
  environment: NodeJS.ProcessEnv,
  profile: Profile,
  needsTarget: boolean,
): Endpoint | null {
  const url = read.text(name);
  if (url === undefined) {
    if (needsTarget) read.faults.add(`--${name} is missing: name the target, as in --${name} redis://localhost:6379/0`);
    return null;
  }
  const endpoint = read.faults.collect(() => parseTarget(url), null);
  if (endpoint === null) return null;
  const username = read.text('user') ?? endpoint.username;
  // What stands on the command line goes before the environment.
  const fromFile = read.file('password-file')?.split(/\r?\n/, 1)[0];
  const password = fromFile ?? endpoint.password ?? environment.SESS2REDIS_PASSWORD;
  const isMissing = password === undefined || password === '';
  const ca = read.file('tls-ca');
  const cert = read.file('tls-cert');
  const key = read.file('tls-key');
  if (username !== undefined && isMissing) {
    read.faults.add('a user is named without a password: give it by --password-file or SESS2REDIS_PASSWORD');
  }
  return {
    ...endpoint,
    ...withSentinelLogin(read, endpoint, environment),
    ...(username !== undefined && { username }),
    ...(!isMissing && { password }),
    databaseIndex: endpoint.databaseIndex ?? profile.databaseIndex,
    tls: {
      isVerified: !read.flag('tls-insecure'),
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
  };
}

/** Sentinels have users and passwords of their own, and a target without them has no use for either. */
function withSentinelLogin(
  read: OptionReader,
  { discovery }: Endpoint,
  environment: NodeJS.ProcessEnv,
): Pick<Endpoint, 'discovery'> {
  const username = read.text('sentinel-user');
  const fromFile = read.file('sentinel-password-file')?.split(/\r?\n/, 1)[0];
  if (discovery?.by !== 'sentinel') {
    if (username !== undefined || fromFile !== undefined) {
      read.faults.add('--sentinel-user and --sentinel-password-file go with a target that begins with sentinel://');
    }
    return {};
  }
  const password = fromFile ?? environment.SESS2REDIS_SENTINEL_PASSWORD ?? '';
  if (username !== undefined && password === '') {
    read.faults.add('--sentinel-user needs --sentinel-password-file or SESS2REDIS_SENTINEL_PASSWORD');
  }
  return {
    discovery: { ...discovery, ...(username !== undefined && { username }), ...(password !== '' && { password }) },
  };
}
