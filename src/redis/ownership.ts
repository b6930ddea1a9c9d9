import { createHash } from 'node:crypto';
import type { HashForm } from '../applications/application.js';
import { DIGEST_DIGITS, type OwnVersion } from '../session.js';

/** What a script reads and writes of a string. */
const GET_VALUE = "redis.pcall('GET', KEYS[1])";
const SET_VALUE = "redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])";

export interface Script {
  text: string;
  sha: string;
}

/**
 * `isOurs(held, first)`: whether the key holds one of the versions in `ARGV[first + 3...]`, by digest and expiry, which
 * may have moved as `isOwnExpiry` says: `ARGV[first]` is the latest renewal, `ARGV[first + 1]` the grain of the
 * server's expiries, `ARGV[first + 2]` by how much it moves them. The expiry tells a value of ours from the same bytes
 * saved by the application, and from a key between the reader's SET and its EXPIRE. PEXPIRETIME came with Redis 7.0;
 * before it, the rest of the key's life is added to the clock, good to a millisecond. `isAt(at, slack, ms, first)`:
 * whether an expiry is that moment, as far as the server can tell.
 */
const IS_OURS = `
local function expiry()
  local at = redis.pcall('PEXPIRETIME', KEYS[1])
  if type(at) == 'number' then return at, 0 end
  local left = redis.call('PTTL', KEYS[1])
  if left < 0 then return left, 0 end
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000) + left, 2
end
local function isOurs(held, first)
  local at, slack = expiry()
  local digest = string.sub(redis.sha1hex(held), 1, ${DIGEST_DIGITS})
  local renewed, shift = tonumber(ARGV[first]), tonumber(ARGV[first + 2]) + tonumber(ARGV[first + 1]) + slack
  for i = first + 3, #ARGV, 2 do
    local sent = tonumber(ARGV[i + 1])
    if ARGV[i] == digest and (math.abs(sent - at) <= shift or (at > sent and at <= renewed)) then
      return true, at, slack, i
    end
  end
  return false, at, slack
end
local function isAt(at, slack, ms, first)
  return math.abs(at - tonumber(ms)) <= slack + tonumber(ARGV[first + 1])
end
local held = ${GET_VALUE}
`;

export const UPDATE_REPLY = { kept: 0, written: 1, updated: 2, same: 3, withheld: 4 } as const;

/**
 * What an update may do beside replacing a value of ours, as letters: `c` create an absent key, whose absence is no
 * logout; `e` take a key for ours that ends no later than the file's copy would, where the record of ours is
 * incomplete.
 */
export type UpdateRights = '-' | 'c' | 'e' | 'ce';

/**
 * Sets the value `ARGV[1]` with the expiry `ARGV[2]` where the key is still ours, or as the rights `ARGV[3]` allow.
 * Answers {@link UPDATE_REPLY}.
 */
const UPDATE_SCRIPT = script(`${IS_OURS}
if type(held) == 'table' then return ${UPDATE_REPLY.kept} end
if held == false then
  if not string.find(ARGV[3], 'c') then return ${UPDATE_REPLY.withheld} end
  ${SET_VALUE}
  return ${UPDATE_REPLY.written}
end
local ours, at, slack = isOurs(held, 4)
if not ours and string.find(ARGV[3], 'e') then ours = at >= 0 and at <= tonumber(ARGV[2]) end
if held == ARGV[1] and (not ours or isAt(at, slack, ARGV[2], 4)) then return ${UPDATE_REPLY.same} end
if not ours then return ${UPDATE_REPLY.kept} end
${SET_VALUE}
return ${UPDATE_REPLY.updated}
`);

export const DELETE_REPLY = { absent: 0, deleted: 1, kept: 2 } as const;

/** Deletes the key where it is still ours. Answers {@link DELETE_REPLY}. */
const DELETE_SCRIPT = script(`${IS_OURS}
if held == false then return ${DELETE_REPLY.absent} end
if type(held) == 'table' or not isOurs(held, 1) then return ${DELETE_REPLY.kept} end
redis.call('DEL', KEYS[1])
return ${DELETE_REPLY.deleted}
`);

export const LOOK_REPLY = { absent: 0, asSent: 1, changed: 2, others: 3 } as const;

/**
 * Tells, and changes nothing, whether the key holds the newest of our versions as it was sent or as the reader renewed
 * it, an older or shifted one, or another's value. Answers {@link LOOK_REPLY}.
 */
const LOOK_SCRIPT = script(`${IS_OURS}
if held == false then return ${LOOK_REPLY.absent} end
if type(held) == 'table' then return ${LOOK_REPLY.others} end
local ours, at, slack, version = isOurs(held, 1)
if not ours then return ${LOOK_REPLY.others} end
if version == 4 and (isAt(at, slack, ARGV[5], 1) or at > tonumber(ARGV[5]) + tonumber(ARGV[3])) then
  return ${LOOK_REPLY.asSent}
end
return ${LOOK_REPLY.changed}
`);

/**
 * The words in ARGV by which a script knows what is ours.
 * @param latestRenewalMs see `latestRenewal`
 */
export function ownWords(versions: readonly OwnVersion[], latestRenewalMs: number, ownership: Ownership): string[] {
  const words = versions.flatMap(({ digest, expiryMs }) => [digest, String(expiryMs)]);
  return [String(latestRenewalMs), String(ownership.grainMs), String(ownership.shiftMs), ...words];
}

/** The scripts for keys of one form. */
export interface OwnershipScripts {
  update: Script;
  delete: Script;
  look: Script;
}

const OF_STRINGS: OwnershipScripts = { update: UPDATE_SCRIPT, delete: DELETE_SCRIPT, look: LOOK_SCRIPT };
const OF_HASHES = new Map<string, OwnershipScripts>();

/** The scripts for strings, or for hashes of a form, which are written whole and judged by the field of the session. */
export function scriptsFor({ hash }: Pick<Ownership, 'hash'>): OwnershipScripts {
  if (hash === undefined) return OF_STRINGS;
  const name = JSON.stringify(hash);
  const known = OF_HASHES.get(name);
  if (known !== undefined) return known;
  const own = luaText(hash.own);
  const others = hash.others.map((word) => `, ${luaText(word)}`).join('');
  const set = `redis.call('HSET', KEYS[1], ${own}, ARGV[1]${others}) redis.call('PEXPIREAT', KEYS[1], ARGV[2])`;
  const made = ({ text }: Script) =>
    script(text.replaceAll(GET_VALUE, () => `redis.pcall('HGET', KEYS[1], ${own})`).replaceAll(SET_VALUE, () => set));
  const scripts = { update: made(UPDATE_SCRIPT), delete: made(DELETE_SCRIPT), look: made(LOOK_SCRIPT) };
  OF_HASHES.set(name, scripts);
  return scripts;
}

/** A text as Lua has it, whatever is in it. */
function luaText(text: string): string {
  const bytes = [...Buffer.from(text, 'latin1')];
  return `"${bytes.map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}"`;
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** How far the expiry of a copy may have moved since it was sent, while the copy is still ours. */
export interface Ownership {
  /** The reader sets a key's expiry anew when it reads it, to at most so long after; 0 for one that leaves it alone. */
  renewalMs: number;
  /** The server keeps expiries no finer than this; 0 for one that keeps every millisecond. */
  grainMs: number;
  /** Servers move expiries by so much at most, see {@link SHIFT_MS}. */
  shiftMs: number;
  /** The form of keys that are hashes; absent for strings. */
  hash?: HashForm;
}

/**
 * MIGRATE sends the rest of a key's life, which starts anew by the clock of the node where it arrives
 * (redis/src/cluster.c, migrateCommand): its way counts on top, and how far that clock is off. Nothing but a Cluster
 * moves keys by itself; elsewhere they are moved by hand at most, or by a Cluster that a proxy hides. There the same
 * bytes, saved to Redis by the application within a second of the file's own save, are told from ours.
 */
export const SHIFT_MS = { cluster: 5000, single: 25 } as const;

/** A reader that renews nothing, on a single server that keeps every millisecond. */
export const AS_SENT: Ownership = { renewalMs: 0, grainMs: 0, shiftMs: SHIFT_MS.single };

/** Clocks may differ by as much; from there on no pass begins. */
export const CLOCKS_MS = 60_000;

/** The latest expiry that a reader can have given by renewing; 0 for a reader that renews nothing. */
export function latestRenewal({ renewalMs }: Ownership, nowMs: number): number {
  return renewalMs === 0 ? 0 : nowMs + renewalMs + CLOCKS_MS;
}

/**
 * Whether a key that holds the value of `version` and expires at `heldMs` is still as we left it: moved by the server
 * at most, or renewed by the reader's own rule, never later than that allows. The scripts of the target judge by the
 * same rule.
 * @param slackMs the key may expire this much earlier, as where the server tells no moments
 */
function isOwnExpiry(
  { expiryMs }: OwnVersion,
  heldMs: number,
  slackMs: number,
  ownership: Ownership,
  nowMs: number,
): boolean {
  if (Math.abs(heldMs - expiryMs) <= ownership.shiftMs + ownership.grainMs + slackMs) return true;
  return heldMs > expiryMs && heldMs <= latestRenewal(ownership, nowMs);
}

/** Whose a value in the target is, by what was recorded. */
export interface Owner {
  isOurs: boolean;
  /** The value is one of ours, but nothing of ours makes it expire then: the application saved the very same bytes. */
  isSavedAgain: boolean;
}

/**
 * @param versions of ours that the target may hold; none, or null without a record: then nothing is ours
 * @param heldMs when the key expires, or up to `slackMs` earlier, as where the server tells no moments
 */
export function ownerOf(
  versions: readonly OwnVersion[] | null,
  value: Buffer | null,
  { expiryMs: heldMs, slackMs }: { expiryMs: number; slackMs: number },
  ownership: Ownership,
  nowMs: number,
): Owner {
  if (versions === null || versions.length === 0 || value === null) return { isOurs: false, isSavedAgain: false };
  const digest = createHash('sha1').update(value).digest('hex').slice(0, DIGEST_DIGITS);
  const alike = versions.filter((version) => version.digest === digest);
  // Two milliseconds, as the scripts of the target allow themselves.
  const mostMs = slackMs > 0 ? slackMs + 2 : 0;
  const isOurs = alike.some((version) => isOwnExpiry(version, heldMs, mostMs, ownership, nowMs));
  return { isOurs, isSavedAgain: alike.length > 0 && !isOurs };
}
