import { type Cipher, createCipheriv, createDecipheriv, type Decipher } from 'node:crypto';

const BLOCK_BYTES = 16;

/** How ids of one length are turned into bytes before they are encrypted; zeros fill up the last block. */
interface Form {
  encoding: 'hex' | 'base64url' | 'latin1';
  /** Bytes that say something; 0 for as many as there are before the first zero. */
  used: number;
  bytes: number;
}

/** Ids of 40 hexadecimal digits, of 84 characters (63 bytes exactly), and any others as their characters. */
const HEX: Form = { encoding: 'hex', used: 20, bytes: 2 * BLOCK_BYTES };
const URLSAFE: Form = { encoding: 'base64url', used: 63, bytes: 4 * BLOCK_BYTES };
const CHARACTERS: Form = { encoding: 'latin1', used: 0, bytes: 6 * BLOCK_BYTES };
const FORMS = [HEX, URLSAFE, CHARACTERS];

/**
 * Makes the ledger's id of a session: the sid encrypted with the ledger's own secret. So no sid stands on disk, and
 * that of a session whose file is gone can still be known.
 *
 * Every block is encrypted by itself (AES-256-ECB), because a session must have the same id each time. What ECB gives
 * away, equal blocks, says nothing here: a block holds 96 random bits or more.
 */
export class SidCipher {
  readonly #cipher: Cipher;
  readonly #decipher: Decipher;
  #clear = Buffer.alloc(CHARACTERS.bytes * 64);

  /** @param secret 32 bytes */
  constructor(secret: Uint8Array) {
    this.#cipher = createCipheriv('aes-256-ecb', secret, null).setAutoPadding(false);
    this.#decipher = createDecipheriv('aes-256-ecb', secret, null).setAutoPadding(false);
  }

  /**
   * The ids of sessions, one after another, each of {@link idBytesOf} its sid. All are encrypted at once: one call into
   * OpenSSL costs as much as a hundred blocks.
   */
  encrypt(sids: readonly string[]): Buffer {
    let length = 0;
    for (const sid of sids) length += idBytesOf(sid);
    if (length > this.#clear.length) this.#clear = Buffer.alloc(2 * length);
    const clear = this.#clear.fill(0, 0, length);
    let end = 0;
    for (const sid of sids) {
      const { encoding, bytes } = formOf(sid);
      clear.write(sid, end, encoding);
      end += bytes;
    }
    return this.#cipher.update(clear.subarray(0, length));
  }

  /** The id of each session. */
  idsOf(sids: readonly string[]): Buffer[] {
    const ids = this.encrypt(sids);
    let start = 0;
    return sids.map((sid) => {
      const end = start + idBytesOf(sid);
      const id = ids.subarray(start, end);
      start = end;
      return id;
    });
  }

  /** The sid of an id, or null for one that this secret did not make. */
  sidOf(id: Uint8Array): string | null {
    const form = FORMS.find(({ bytes }) => bytes === id.length);
    if (form === undefined) return null;
    const clear = this.#decipher.update(id);
    const used = form.used || clear.indexOf(0);
    if (used < 0 || clear.subarray(used).some((byte) => byte !== 0)) return null;
    return clear.toString(form.encoding, 0, used);
  }
}

/** Size of the id of a session. */
export function idBytesOf(sid: string): number {
  return formOf(sid).bytes;
}

function formOf(sid: string): Form {
  if (sid.length === 40) return HEX;
  return sid.length === 84 ? URLSAFE : CHARACTERS;
}
