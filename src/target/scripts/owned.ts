import { createHash } from 'node:crypto';
import { DIGEST_DIGITS, type OwnVersion } from '../../session.js';

export interface Script {
  text: string;
  sha: string;
}

/**
 * `isOurs(held, first)`: whether the key holds one of the versions in `ARGV[first...]`, by digest and expiry. The expiry
 * tells a value of ours from the same bytes saved by Odoo, and from a key between the reader's SET and its EXPIRE.
 * PEXPIRETIME came with Redis 7.0; before it, the rest of the key's life is added to the clock, good to a millisecond.
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
  for i = first, #ARGV, 2 do
    if ARGV[i] == digest and math.abs(tonumber(ARGV[i + 1]) - at) <= slack then return true, at end
  end
  return false, at
end
local held = redis.pcall('GET', KEYS[1])
`;

export const UPDATE_REPLY = { kept: 0, written: 1, updated: 2, same: 3 } as const;

/** Sets the value `ARGV[1]` with the expiry `ARGV[2]` where the key is absent or still ours. Answers {@link UPDATE_REPLY}. */
export const UPDATE_SCRIPT = script(`${IS_OURS}
if type(held) == 'table' then return ${UPDATE_REPLY.kept} end
if held == false then
  redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])
  return ${UPDATE_REPLY.written}
end
local ours, at = isOurs(held, 3)
if held == ARGV[1] and (not ours or at == tonumber(ARGV[2])) then return ${UPDATE_REPLY.same} end
if not ours then return ${UPDATE_REPLY.kept} end
redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[2])
return ${UPDATE_REPLY.updated}
`);

export const DELETE_REPLY = { absent: 0, deleted: 1, kept: 2 } as const;

/** Deletes the key where it is still ours. Answers {@link DELETE_REPLY}. */
export const DELETE_SCRIPT = script(`${IS_OURS}
if held == false then return ${DELETE_REPLY.absent} end
if type(held) == 'table' or not isOurs(held, 1) then return ${DELETE_REPLY.kept} end
redis.call('DEL', KEYS[1])
return ${DELETE_REPLY.deleted}
`);

/** The words of a version list in ARGV. */
export function versionWords(versions: readonly OwnVersion[]): string[] {
  return versions.flatMap(({ digest, expiryMs }) => [digest, String(expiryMs)]);
}

function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}
