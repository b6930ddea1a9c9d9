import { base64End, decodeBase64, paddedBase64, unpackZlib } from './envelopes.js';
import { JsonSession } from './json-text.js';
import type { FoundMembers } from './member-paths.js';
import { PickleWalk } from './pickle-walk.js';
import { endsEarly, malformed, type Scanner } from './scanner.js';

const COLON = 0x3a;
const DOT = 0x2e;
const BRACE = 0x7b;
/** Base64 of the 32 bytes of HMAC-SHA256. With DEFAULT_HASHING_ALGORITHM sha1 Django writes the old form. */
const SIGNATURE_LENGTH = 43;
/** `sha1hex:`, before the content of the form up to Django 3.0. */
const OLD_HEAD = /^[0-9a-f]{40}:/;

/**
 * Django's sessions as text (Debian python3-django 3.2.25 contrib/sessions/backends/base.py, core/signing.py):
 * `[.]content:time:signature`, a dot for zlib, or up to 3.0 base64 of `sha1hex:content`. The content is JSON or a
 * pickle. The signature is not checked: that takes SECRET_KEY. The time is not looked at by Django either.
 */
export class DjangoSignedSession implements Scanner {
  /** What the envelope of the last scan held; its form, and that of its content. */
  payload: Buffer = Buffer.alloc(0);
  isPickle = false;
  isOldForm = false;
  readonly #json = new JsonSession(true);
  readonly #pickle = new PickleWalk();

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    this.open(bytes, start, end);
    const { payload } = this;
    // What a pickle holds, the walk says.
    if (!this.isPickle && payload[0] !== BRACE) malformed('a session of Django is a dict', start);
    const inner = this.isPickle ? this.#pickle : this.#json;
    return inner.scan(payload, 0, payload.length, found);
  }

  /**
   * Takes the content out of its envelope, unread.
   * @throws {ContentFault}
   */
  open(bytes: Uint8Array, start: number, end: number): void {
    const colon = bytes.indexOf(COLON, start);
    this.isOldForm = colon < 0 || colon >= end;
    this.payload = this.isOldForm ? oldContent(bytes, start, end) : signedContent(bytes, start, colon, end);
    this.isPickle = this.payload[0] === 0x80;
  }
}

function signedContent(bytes: Uint8Array, start: number, colon: number, end: number): Buffer {
  const isCompressed = bytes[start] === DOT;
  const content = isCompressed ? start + 1 : start;
  const contentEnd = base64End(bytes, content, colon, 'base64url');
  if (contentEnd < colon || colon === content) malformed('the signed content is no base64', contentEnd);
  const second = bytes.indexOf(COLON, colon + 1);
  if (second < 0 || second >= end) endsEarly(end);
  const signatureEnd = base64End(bytes, second + 1, end, 'base64url');
  if (signatureEnd < end) malformed('the signature is no base64', signatureEnd);
  const length = end - second - 1;
  if (length < SIGNATURE_LENGTH) endsEarly(end);
  if (length > SIGNATURE_LENGTH) malformed('the signature is too long', second + 1);
  const payload = decodeBase64(bytes, content, colon, 'base64url');
  return isCompressed ? unpackZlib(payload, 0, payload.length, content) : payload;
}

function oldContent(bytes: Uint8Array, start: number, end: number): Buffer {
  const reason = 'this is neither a signed session of Django nor base64';
  const decoded = paddedBase64(bytes, start, end, 'base64', reason);
  if (!OLD_HEAD.test(decoded.toString('latin1', 0, 41))) malformed('the content has no hash before it', start);
  return decoded.subarray(41);
}
