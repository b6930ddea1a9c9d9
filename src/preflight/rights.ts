import { EXIT, OperatorError } from '../errors.js';

/** Stands for the key in a probe: one below the reader's own prefix that nobody has. */
export const PROBE_KEY = Symbol('key');
type ProbeWord = string | typeof PROBE_KEY;

/**
 * What a user may be allowed or denied, by the word that ACL SETUSER takes, with a command that shows it and does
 * nothing: XX sets no absent key, no script has this digest, and a lone bracket is no script.
 *
 * Trying is the only way that always works: ACL DRYRUN and ACL GETUSER need rights of an administrator, which the very
 * users who lack others don't have, and neither knows of renamed commands or of a proxy's rules.
 */
export const PROBES = {
  info: ['INFO', 'server'],
  set: ['SET', PROBE_KEY, '', 'XX'],
  get: ['GET', PROBE_KEY],
  del: ['DEL', PROBE_KEY],
  evalsha: ['EVALSHA', '0'.repeat(40), '1', PROBE_KEY],
  eval: ['EVAL', '(', '1', PROBE_KEY],
  pexpiretime: ['PEXPIRETIME', PROBE_KEY],
  pttl: ['PTTL', PROBE_KEY],
  time: ['TIME'],
  scan: ['SCAN', '0', 'COUNT', '1'],
  hget: ['HGET', PROBE_KEY, 'f'],
  // Queued in a transaction that is discarded: there is no form of it that changes nothing.
  hset: ['HSET', PROBE_KEY, 'f', ''],
  pexpireat: ['PEXPIREAT', PROBE_KEY, '1'],
} as const satisfies Record<string, readonly ProbeWord[]>;

export type Right = keyof typeof PROBES;

/**
 * What a server answered to a probe: the user may, may not run the command, may not touch the key; there is no such
 * command; or it, or a box before it, refuses in words of its own.
 */
export type ProbeAnswer = 'allowed' | 'no command' | 'no key' | 'unknown' | 'refused';

/** A piece of work that needs rights. */
export type Work = 'migrate' | 'sync' | 'verify' | 'export' | 'detect';

/** What may be missing, and what the work then can't do. */
interface Wish {
  rights: readonly Right[];
  loss: string;
}

interface Need {
  /** Without these the work can't begin. */
  must: readonly Right[];
  should: readonly Wish[];
}

/** The compare-and-set and compare-and-delete scripts call these, and Redis asks the user's rights for each call. */
const SCRIPTS: readonly Right[] = ['evalsha', 'eval', 'del', 'pexpiretime'];
const FOLLOW = { rights: SCRIPTS, loss: 'changes and logouts after this run can not be followed, and sync is refused' };
const VALUES = { rights: ['get'], loss: 'the values behind the keys can not be told' } as const;

const NEEDS: Readonly<Record<Work, Need>> = {
  migrate: { must: ['info', 'set', 'get'], should: [FOLLOW] },
  sync: { must: ['info', 'set', 'get', ...SCRIPTS], should: [] },
  verify: { must: ['info', 'get', 'pexpiretime', 'scan'], should: [] },
  export: { must: ['info', 'get', 'pexpiretime', 'scan'], should: [] },
  detect: { must: ['info', 'scan'], should: [VALUES] },
};

/** Hashes are read by HGET, and written by a script in any case, because HSET knows no condition. */
function ofHashes({ must, should }: Need, work: Work): Need {
  const writing: readonly Right[] = work === 'migrate' || work === 'sync' ? ['hset', 'pexpireat', ...SCRIPTS] : [];
  if (!must.includes('get')) return { must, should };
  return { must: [...new Set([...must, 'hget' as const, ...writing])], should: writing.length > 0 ? [] : should };
}

/**
 * The rights that matter for `work`. PEXPIRETIME came with Redis 7.0; before it, PTTL and the clock take its place.
 * @param isBlind whether the work may go on without INFO
 * @param hasHashes whether keys are hashes
 */
export function needOf(work: Work, version: string, isBlind = false, hasHashes = false): Need {
  const all = hasHashes ? ofHashes(NEEDS[work], work) : NEEDS[work];
  const need = isBlind ? blind(all) : all;
  if (!(Number.parseInt(version, 10) < 7)) return need;
  const older = (rights: readonly Right[]) =>
    rights.flatMap((right): Right[] => (right === 'pexpiretime' ? [...EXPIRY_INSTEAD] : [right]));
  const should = need.should.map(({ rights, loss }) => ({ rights: older(rights), loss }));
  return { must: older(need.must), should };
}

function blind({ must, should }: Need): Need {
  const loss =
    "the server's version, role and memory are not known: see to it that it is 6.2 or later, a master, and has room";
  return { must: must.filter((right) => right !== 'info'), should: [...should, { rights: ['info'], loss }] };
}

/** What takes the place of PEXPIRETIME where a server does not have it, or refuses it in words of its own. */
export const EXPIRY_INSTEAD: readonly Right[] = ['pttl', 'time'];

/** Whether the answer tells of a server without the command, and not of a user whom an administrator may grant it. */
export function isUnsupportedByServer(answer: ProbeAnswer | undefined): boolean {
  return answer === 'unknown' || answer === 'refused';
}

/** All rights that a need speaks of, each once. */
export function rightsOf({ must, should }: Need): Right[] {
  return [...new Set([...must, ...should.flatMap(({ rights }) => rights)])];
}

export interface Rights {
  answers: ReadonlyMap<Right, ProbeAnswer>;
  /** As ACL WHOAMI or the operator names the user. */
  user: string;
  /** Redis's pattern for the keys that the reader looks at. */
  keyPattern: string;
}

/** Why `work` can't begin, and the warnings with which it can. */
export function judgeRights(
  work: Work,
  { must, should }: Need,
  rights: Rights,
): { refusal: OperatorError | null; warnings: string[] } {
  const { user, answers } = rights;
  const isAllowed = (right: Right) => answers.get(right) === 'allowed';
  const isReplaced = isUnsupportedByServer(answers.get('pexpiretime')) && EXPIRY_INSTEAD.every(isAllowed);
  const isMissing = (right: Right) => !isAllowed(right) && !(right === 'pexpiretime' && isReplaced);
  const missing = must.filter(isMissing);
  const wishes = should.filter((wish) => wish.rights.some(isMissing));
  const warnings = wishes.map((wish) => {
    const wanted = wish.rights.filter(isMissing);
    return `the user ${user} may not run ${wanted.join(', ')}, so ${wish.loss}${remedy(wanted, rights)}`;
  });
  if (missing.length === 0) return { refusal: null, warnings };
  const all = new Set([...missing, ...wishes.flatMap((wish) => wish.rights.filter(isMissing))]);
  const sentence = `the user ${user} may not do this, ${work} needs ${missing.join(', ')}${remedy([...all], rights)}`;
  return { refusal: new OperatorError(EXIT.permission, sentence), warnings: [] };
}

/** The line that grants what is missing, as an administrator types it. */
function remedy(missing: readonly Right[], { answers, user, keyPattern }: Rights): string {
  const grants = missing.filter((right) => answers.get(right) === 'no command').map((right) => `+${right}`);
  const unknown = missing.filter((right) => answers.get(right) === 'unknown');
  if (mayLackKeys(answers)) {
    grants.push(quotedPattern(keyPattern));
  }
  const refused = missing.filter((right) => answers.get(right) === 'refused');
  const rest =
    (unknown.length > 0 ? `; the server does not know ${unknown.join(', ')} (renamed, or a proxy)` : '') +
    (refused.length > 0 ? `; the server refuses ${refused.join(', ')} (a managed one, or a proxy)` : '') +
    (isUnsupportedByServer(answers.get('info')) && missing.includes('info')
      ? '; --skip-capacity-check goes on without info'
      : '');
  return unknown.length + refused.length === missing.length ? rest : `: ACL SETUSER ${user} ${grants.join(' ')}${rest}`;
}

/** Whether the keys may be closed to the user. Naming a pattern to one who has them all makes ACL SETUSER fail. */
function mayLackKeys(answers: Rights['answers']): boolean {
  const onKeys = [...answers].filter(([right]) => PROBES[right].some((word) => word === PROBE_KEY));
  if (onKeys.some(([, answer]) => answer === 'no key')) return true;
  return onKeys.length > 0 && onKeys.every(([, answer]) => answer === 'no command');
}

/** A literal part of a key in a pattern of Redis's. */
export function escapePattern(text: string): string {
  return text.replace(/[[\]*?\\^]/g, '\\$&');
}

/** A pattern of keys as ACL SETUSER takes it, in quotes where redis-cli needs them. */
export function quotedPattern(pattern: string): string {
  return /[\s"'\\]/.test(pattern) ? JSON.stringify(`~${pattern}`) : `~${pattern}`;
}
