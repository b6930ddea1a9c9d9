import { createSecureContext } from 'node:tls';
import { foreignText } from '../masking.js';
import { badTarget, type Endpoint, type Host, type MappedHost, parseTarget } from '../redis/endpoint.js';
import type { OptionReader } from './read.js';

const EXAMPLE = 'write --address-map from=to as host:port=host:port, or host=host for all ports';

/**
 * Reads one `--address-map`: at which address a host is reached that a sentinel or a node of a cluster announces.
 * @throws {OperatorError} with exit code 2
 */
export function parseMappedHost(text: string): MappedHost {
  const [from, to, ...more] = text.split('=');
  if (from === undefined || to === undefined || more.length > 0)
    throw badTarget(`${quoted(text)} is no pair: ${EXAMPLE}`);
  const mapped = { from: hostIn(from, text), to: hostIn(to, text) };
  if (mapped.from.port === 0 && mapped.to.port !== 0) {
    throw badTarget(`${quoted(text)} leads all ports to one: ${EXAMPLE}`);
  }
  return mapped;
}

/** `host`, `host:port`, `[address]:port` or an IPv6 address alone; port 0 for none. */
function hostIn(text: string, pair: string): Host {
  const trimmed = text.trim();
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s/@]+))(?::(\d{1,5}))?$/.exec(trimmed);
  if (match === null && /^[0-9a-fA-F:.]+$/.test(trimmed) && trimmed.includes(':')) return { address: trimmed, port: 0 };
  const port = Number(match?.[3] ?? 0);
  if (match === null || port > 65_535 || (match[3] !== undefined && port === 0)) {
    throw badTarget(`${quoted(pair)} names a host that is none: ${EXAMPLE}`);
  }
  return { address: match[1] ?? (match[2] as string), port };
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

/** The option that names the target of a command: `--from` for an export, `--to` for all others. */
export function targetOption(read: OptionReader): 'to' | 'from' {
  return read.settled.takes('from') ? 'from' : 'to';
}

/**
 * The Redis that `--to` or `--from` names, with what other options say about the way there and the login. Null where
 * none is named, which is a fault for a command that needs one.
 * @param databaseIndex where the URL names none
 */
export function readTarget(read: OptionReader, databaseIndex: number): Endpoint | null {
  const name = targetOption(read);
  const url = read.text(name);
  if (url === undefined) {
    if (read.isRequired(name)) {
      read.faults.add(`--${name} is missing: name the target, as in --${name} redis://localhost:6379/0`);
    }
    return null;
  }
  const endpoint = read.faults.collect(() => parseTarget(url), null);
  if (endpoint === null) return null;
  const username = read.text('user') ?? endpoint.username;
  // A file or a URL is named for this very run; the environment may have been set for another.
  const fromFile = read.file('password-file')?.split(/\r?\n/, 1)[0];
  const password = fromFile ?? endpoint.password ?? read.settled.surroundings.password;
  const isMissing = password === undefined || password === '';
  const [ca, cert, key] = readCertificates(read);
  const addressMap = read.list('address-map').flatMap((pair) => {
    const mapped = read.faults.collect(() => parseMappedHost(pair), null);
    return mapped === null ? [] : [mapped];
  });
  if (addressMap.length > 0 && endpoint.discovery === undefined) {
    read.faults.add('--address-map goes with a target that begins with sentinel:// or cluster://');
  }
  if (username !== undefined && isMissing) {
    read.faults.add('a user is named without a password: give it by --password-file or SESS2REDIS_PASSWORD');
  }
  return {
    ...endpoint,
    ...withSentinelLogin(read, endpoint),
    ...(username !== undefined && { username }),
    ...(!isMissing && { password }),
    ...(fromFile === undefined && endpoint.password !== undefined && { isPasswordInUrl: true }),
    databaseIndex: endpoint.databaseIndex ?? databaseIndex,
    ...(addressMap.length > 0 && { addressMap }),
    tls: {
      isVerified: !read.flag('tls-insecure'),
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    },
  };
}

const CERTIFICATE = /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/;

/** The texts of `--tls-ca`, `--tls-cert` and `--tls-key`, in this order; undefined where one is not named. */
function readCertificates(read: OptionReader): (string | undefined)[] {
  const [ca, cert, key] = [read.file('tls-ca'), read.file('tls-cert'), read.file('tls-key')];
  const faults: string[] = [];
  const expect = (name: 'tls-ca' | 'tls-cert' | 'tls-key', text: string | undefined, form: RegExp, what: string) => {
    if (text === undefined || form.test(text)) return;
    faults.push(
      `--${name}: ${read.text(name)} holds no PEM ${what}: convert it by openssl (-inform DER), or name another`,
    );
  };
  expect('tls-ca', ca, CERTIFICATE, 'certificate');
  expect('tls-cert', cert, CERTIFICATE, 'certificate');
  expect('tls-key', key, PRIVATE_KEY, 'private key');
  if (cert !== undefined && key === undefined && !PRIVATE_KEY.test(cert)) {
    faults.push('--tls-cert needs --tls-key, the key that belongs to it');
  }
  if (key !== undefined && cert === undefined) faults.push('--tls-key needs --tls-cert, the certificate it belongs to');
  if (faults.length === 0) {
    try {
      createSecureContext({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      faults.push(
        `--tls-ca, --tls-cert and --tls-key can't be used together (${foreignText(code ?? message)}): check them`,
      );
    }
  }
  for (const fault of faults) read.faults.add(fault);
  return [ca, cert, key];
}

/** The login at the sentinels, which is another than that at the servers. It is a fault where there are none. */
function withSentinelLogin(read: OptionReader, { discovery }: Endpoint): Pick<Endpoint, 'discovery'> {
  const username = read.text('sentinel-user');
  const fromFile = read.file('sentinel-password-file')?.split(/\r?\n/, 1)[0];
  if (discovery?.by !== 'sentinel') {
    if (username !== undefined || fromFile !== undefined) {
      read.faults.add('--sentinel-user and --sentinel-password-file go with a target that begins with sentinel://');
    }
    return {};
  }
  const password = fromFile ?? read.settled.surroundings.sentinelPassword ?? '';
  if (username !== undefined && password === '') {
    read.faults.add('--sentinel-user needs --sentinel-password-file or SESS2REDIS_SENTINEL_PASSWORD');
  }
  return {
    discovery: { ...discovery, ...(username !== undefined && { username }), ...(password !== '' && { password }) },
  };
}
