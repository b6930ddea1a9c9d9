import { createHash } from 'node:crypto';

/** Characters of a session id that may be shown; Odoo's own log shows as many. */
const SHOWN_CHARACTERS = 8;

/** Twelve hex digits by which a session can be named without giving it away: a sid has 160 bits to guess. */
export function fingerprintOf(sid: string): string {
  return createHash('sha256').update(sid, 'latin1').digest('hex').slice(0, 12);
}

/** `path` with its sid cut to eight characters and a `*`: still a pattern by which a shell finds the file. */
export function maskSid(path: string, sid: string): string {
  return sid === '' ? path : path.replace(sid, `${sid.slice(0, SHOWN_CHARACTERS)}*`);
}

/** Text from outside as it may go to a terminal or a log: anything but printable ASCII becomes `\xNN`. */
export function escapeBytes(latin1: string): string {
  return latin1.replace(/[^\x20-\x7e]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
