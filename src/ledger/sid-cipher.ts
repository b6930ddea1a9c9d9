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

  /**
   * @param secret 32 bytes
   * @param isText ids are of any characters and lengths; else those of 40 and 84 characters are packed
   */
  constructor(
    secret: Uint8Array,
    readonly isText = false,
  ) {
    this.#cipher = createCipheriv('aes-256-ecb', secret, null).setAutoPadding(false);
    this.#decipher = createDecipheriv('aes-256-ecb', secret, null).setAutoPadding(false);
  }

  /**
   * The ids of sessions, one after another, each of {@link bytesOf} its sid. All are encrypted at once: one call into
   * OpenSSL costs as much as a hundred blocks.
   */
  encrypt(sids: readonly string[]): Buffer {
    let length = 0;
    for (const sid of sids) length += this.bytesOf(sid);
    if (length > this.#clear.length) this.#clear = Buffer.alloc(2 * length);
    const clear = this.#clear.fill(0, 0, length);
    let end = 0;
    for (const sid of sids) {
      const { encoding, bytes } = this.#formOf(sid);
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
      const end = start + this.bytesOf(sid);
      const id = ids.subarray(start, end);
      start = end;
      return id;
    });
  }

  /** The sid of an id, or null for one that this secret did not make. */
  sidOf(id: Uint8Array): string | null {
    const form = this.isText ? textForm(id.length) : FORMS.find(({ bytes }) => bytes === id.length);
    if (form === undefined || id.length % BLOCK_BYTES > 0) return null;
    const clear = this.#decipher.update(id);
    const used = form.used || clear.indexOf(0);
    if (used < 0 || clear.subarray(used).some((byte) => byte !== 0)) return null;
    return clear.toString(form.encoding, 0, used);
  }

  /** Size of the id of a session. */
  bytesOf(sid: string): number {
    return this.#formOf(sid).bytes;
  }

  #formOf(sid: string): Form {
    if (this.isText) return textForm(sid.length + 1);
    if (sid.length === 40) return HEX;
    return sid.length === 84 ? URLSAFE : CHARACTERS;
  }
}

/** The characters of an id of any length, and a zero behind them. */
function textForm(length: number): Form {
  const blocks = Math.ceil(length / BLOCK_BYTES);
  const known = TEXTS[blocks];
  if (known !== undefined) return known;
  const form: Form = { encoding: 'latin1', used: 0, bytes: blocks * BLOCK_BYTES };
  TEXTS[blocks] = form;
  return form;
}

/** By the number of blocks. */
const TEXTS: Form[] = [];
