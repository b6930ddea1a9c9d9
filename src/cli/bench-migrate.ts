import type { BenchOptions } from '../bench/bench.js';
import type { RunOptions } from '../options.js';
import { type OptionName, type RawOptions, withEnvironment } from '../options-table.js';
import { keyTemplateOf } from '../profiles/profile.js';

/** How the target is reached; its URL goes another way. */
const REACHING: readonly OptionName[] = [
  ...(['user', 'password-file', 'sentinel-user', 'sentinel-password-file'] as const),
  ...(['tls-ca', 'tls-cert', 'tls-key', 'tls-insecure', 'address-map'] as const),
];
const PASSWORDS = ['SESS2REDIS_PASSWORD', 'SESS2REDIS_SENTINEL_PASSWORD'];
/** An empty configuration: the operator's own holds what is for real migrations. */
const NO_CONFIGURATION = '--config=/dev/null';
/** A migrate into a server that is not the benchmark's own leaves nothing there for longer, whatever happens. */
const GIVEN_LIFETIME = '1h';

/** How the benchmark starts migrates: with the operator's reader and target, and nothing else of the operator's. */
export function migrateSetup(
  command: readonly string[],
  options: RunOptions,
  raw: RawOptions,
  environment: NodeJS.ProcessEnv,
): Pick<BenchOptions, 'migrate' | 'keysUnder'> {
  const effective = withEnvironment(raw, environment);
  const words: string[] = [NO_CONFIGURATION, `--sids=${lengthsOf(options)}`];
  // Nobody else is on the benchmark's own server.
  if (options.target === null) words.push('--throttle=off');
  for (const name of options.target === null ? [] : REACHING) {
    const value = effective[name];
    if (value === true) words.push(`--${name}`);
    else if (typeof value === 'string') words.push(`--${name}=${value}`);
    else for (const each of value || []) words.push(`--${name}=${each}`);
  }
  if (typeof effective.lanes === 'string') words.push(`--lanes=${effective.lanes}`);
  // The benchmark's own server has no password, and refuses whoever comes with one.
  const passwords = options.target === null ? [] : PASSWORDS;
  const kept = Object.entries(environment).filter(
    ([name]) => !name.startsWith('SESS2REDIS_') || passwords.includes(name),
  );
  return {
    migrate: { command, words, environment: Object.fromEntries(kept) },
    keysUnder: (prefix) => (prefix === null ? ownKeys(options, effective) : throwawayKeys(options, effective, prefix)),
  };
}

type Keys = ReturnType<BenchOptions['keysUnder']>;

function ownKeys({ profile, prefix, pass }: RunOptions, effective: RawOptions): Keys {
  const words = [`--profile=${profile.name}`, ...templateWords(effective)];
  return { words: prefix === '' ? words : [...words, `--prefix=${prefix}`], key: pass.lanes.key };
}

/** Under the reader's prefix if it has a place for one, else as the generic reader has it. */
function throwawayKeys({ profile }: RunOptions, effective: RawOptions, prefix: string): Keys {
  const lifetimes = [`--lifetime=${GIVEN_LIFETIME}`, `--anonymous-lifetime=${GIVEN_LIFETIME}`];
  const key = keyTemplateOf(profile, prefix);
  if (key.before.includes(prefix)) {
    return {
      words: [`--profile=${profile.name}`, ...templateWords(effective), `--prefix=${prefix}`, ...lifetimes],
      key,
    };
  }
  const encoding = profile.encoding === 'c2c-json' ? 'json' : profile.encoding;
  const template = ['--profile=generic', `--key-template=${prefix}:{sid}`, `--encoding=${encoding}`];
  return { words: [...template, ...lifetimes], key: { before: `${prefix}:`, after: '' } };
}

function templateWords(effective: RawOptions): string[] {
  return (['key-template', 'encoding'] as const).flatMap((name) => {
    const value = effective[name];
    return typeof value === 'string' ? [`--${name}=${value}`] : [];
  });
}

function lengthsOf({ pass }: RunOptions): string {
  return pass.lanes.sids.map((kind) => kind.replace(/\D/g, '')).join(',');
}
