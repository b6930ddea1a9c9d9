import { UnsupportedSession } from '../../errors.js';
import { escapeBytes } from '../../fingerprint.js';
import { baseOf, PyText, type PyValue } from '../../python.js';

/** Characters of one name that are shown. */
const LONGEST_NAME = 40;

/** A run of characters that may be an id or a token, unlike the names that programmers give. */
const TOKEN_LIKE = /(?=[\w-]{0,80}\d)([\w-]{8})[\w-]{16,}/g;

/** The error, if it says what can't be carried over, with the name of the member in which that is. */
export function withinMember(error: unknown, key: PyValue): unknown {
  if (error instanceof UnsupportedSession) error.members.push(memberName(key));
  return error;
}

/** A key as it may be shown: its text is a file's, and may be anything. */
function memberName(key: PyValue): string {
  const base = baseOf(key);
  const text = base instanceof PyText ? (base.decode() ?? base.latin1) : base;
  if (typeof text !== 'string') return typeof text === 'number' ? String(text) : '(a key that is no text)';
  const shown = escapeBytes(text.slice(0, 200)).replace(TOKEN_LIKE, '$1*');
  return shown.length <= LONGEST_NAME ? shown : `${shown.slice(0, LONGEST_NAME - 3)}...`;
}
