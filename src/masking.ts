import { createHash } from 'node:crypto';

/** Twelve hex digits by which a session can be named without giving it away: a sid has 160 bits to guess. */
export function fingerprintOf(sid: string): string {
  return createHash('sha256').update(sid, 'latin1').digest('hex').slice(0, 12);
}

/** Characters of a sid that a message keeps. */
const SID_BEGIN = 8;

/** A run of characters that may be a sid, alone or behind a word that is put before it. */
const SID_LIKE = /((?:^|[^\w-])(?:werkzeug_)?[\w-]{8})[\w-]{16,}/g;

/**
 * A path or sid with everything that looks like a session id cut to eight characters and a `*`: still a pattern by
 * which a shell finds the file.
 */
export function maskSid(path: string): string {
  return path.replace(SID_LIKE, '$1*');
}

/** A whole session id, alone or as a flat file's name, in running text. */
const WHOLE_SID = /(?<![\w-])((?:werkzeug_)?[\w-]{8})(?:[\w-]{32}|[\w-]{76}|[\w-]{78})(?![\w-])/g;

/** A file of PHP's, whatever the length of its id. */
const PHP_FILE = /(?<![\w-])(sess_[\w,-]{6})[\w,-]{10,}/g;
/** An id of 32 characters, as many applications have, alone. */
const SID32 = /(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])([\w-]{8})[\w-]{24}(?![\w-])/g;
/** Letters and digits in a row: dates and words of people are shorter, or have but one of both. */
const LONG_RUN = /[A-Za-z0-9]{20,}/g;
const MIXED = /^(?=(?:[A-Za-z]*\d){3})(?=(?:\d*[A-Za-z]){3})/;

/** A message with what may be session ids cut short; other long words, such as directories, stay. */
export function maskSids(message: string): string {
  return message
    .replace(WHOLE_SID, '$1*')
    .replace(PHP_FILE, '$1*')
    .replace(SID32, '$1*')
    .replace(LONG_RUN, (run) => (MIXED.test(run) ? `${run.slice(0, SID_BEGIN)}*` : run));
}

/** The most characters of an id that are shown, and never more than a quarter of them. */
const SHOWN_CHARACTERS = 6;

/** An id of any length, cut so short that it can't be guessed, and a `*`. */
function maskId(sid: string): string {
  return `${escapeBytes(sid.slice(0, shownOf(sid)))}*`;
}

/** A path with the id cut short in its name, and in directories that are made of the id. */
export function maskPath(path: string, sid: string): string {
  const parts = path.replaceAll(sid, maskId(sid)).split('/');
  let at = 0;
  return parts
    .map((part, i) => {
      if (i === parts.length - 1 || part === '' || !sid.startsWith(part, at)) return part;
      at += part.length;
      return at <= shownOf(sid) ? part : '*';
    })
    .join('/');
}

function shownOf(sid: string): number {
  return Math.min(SHOWN_CHARACTERS, Math.floor(sid.length / 4));
}

/**
 * A path in which any longer word may be an id that is not known, and its last directories characters of it: both are
 * cut short.
 * @param levels how many directories of a store are named after its ids
 */
export function maskUnknown(path: string, levels: number): string {
  const parts = path.replace(/[\w,%-]{12,}/g, maskId).split('/');
  let shown = 0;
  return parts
    .map((part, i) => {
      if (i === parts.length - 1 || i < parts.length - 1 - levels) return part;
      shown += part.length;
      return shown <= SHOWN_CHARACTERS ? part : '*';
    })
    .join('/');
}

/** Text from outside as it may go to a terminal or a log: anything but printable ASCII becomes `\xNN`. */
export function escapeBytes(latin1: string): string {
  return latin1.replace(/[^\x20-\x7e]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/**
 * What no terminal may get: control characters, and what turns the direction of a text round or is not seen (Unicode,
 * Cf).
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** A word as it can be typed into a shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Anything that is long enough to be a password, a token or a session id. */
const SECRET_LIKE = /[\w+/=-]{32,}/g;

/**
 * A message of several lines, such as a stack trace, as it may be shown: no session id, no character that a terminal
 * obeys.
 */
export function maskLines(text: string): string {
  return text
    .split('\n')
    .map((line) => maskSids(line.replace(UNSEEN, escapeUnseen)))
    .join('\n');
}

/** Text of another program's, such as a server, in one line of at most `longest` characters that anybody may read. */
export function foreignText(text: string, longest = 200): string {
  // Cut before and after: what is escaped grows, and a text of megabytes is not worth the work.
  const escaped = text.slice(0, longest).replace(UNSEEN, escapeUnseen);
  return escaped.replace(SECRET_LIKE, (word) => `${word.slice(0, 8)}*`).slice(0, longest);
}

function escapeUnseen(character: string): string {
  const code = character.codePointAt(0) as number;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
