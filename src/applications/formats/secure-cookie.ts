import { paddedBase64 } from './envelopes.js';
import { GobSession } from './gob.js';
import { childOf, type FoundMembers, KIND } from './member-paths.js';
import { ContentFault, endsEarly, malformed, type Scanner } from './scanner.js';

const BAR = 0x7c;
const NO_BASE64 = 'this is no base64';
/** HMAC-SHA256, as it is. */
const MAC_BYTES = 32;
/** The member as which rules find when the session was saved, in seconds of the epoch. */
const SAVED = Buffer.from('@saved_at');

/**
 * What gorilla's FilesystemStore writes (gorilla/securecookie securecookie.go, Encode): base64url of a time, base64url
 * of a gob, and a signature, with bars between. The signature is not checked: that takes the hash key. With a block key
 * there is a ciphertext in place of the gob.
 */
export class SecureCookieSession implements Scanner {
  /** The gob of the last scan. */
  payload: Buffer = Buffer.alloc(0);
  #savedAt = 0;
  readonly #gob = new GobSession();

  scan(bytes: Uint8Array, start: number, end: number, found: FoundMembers): Uint8Array {
    this.open(bytes, start, end);
    const { payload } = this;
    try {
      this.#gob.scan(payload, 0, payload.length, found);
    } catch (error) {
      if (!(error instanceof ContentFault)) throw error;
      malformed('it is encrypted by a block key, which redistore has none of, or is no gob', start);
    }
    found.note(childOf(found.paths.root, SAVED, 0, SAVED.length), KIND.integer, 0, 0, this.#savedAt);
    return payload;
  }

  /**
   * Takes the gob out of its envelope, unread.
   * @throws {ContentFault}
   */
  open(bytes: Uint8Array, start: number, end: number): void {
    const text = paddedBase64(bytes, start, end, 'base64url', NO_BASE64);
    const first = text.indexOf(BAR);
    const second = text.indexOf(BAR, first + 1);
    const time = text.toString('latin1', 0, Math.max(0, first));
    if (!/^\d{1,12}$/.test(time)) malformed('there is no time before the session', start);
    if (second < 0) endsEarly(end);
    const length = text.length - second - 1;
    if (length < MAC_BYTES) endsEarly(end);
    if (length > MAC_BYTES) malformed('the signature is too long', start);
    this.#savedAt = Number(time);
    this.payload = paddedBase64(text, first + 1, second, 'base64url', NO_BASE64);
  }
}
