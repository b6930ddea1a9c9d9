import { type Cipher, createCipheriv, createDecipheriv, type Decipher } from 'node:crypto';
import type { Layout } from '../session.js';

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

/** Layout and shard, in clear, stand before the encrypted sid. */
const HEAD_BYTES = 3;

/** First byte of a session's key in the ledger: the layout in which it was first seen. */
export const LEADS: Readonly<Record<Layout, string>> = { flat: 'f', hashed: 'h' };

const LEAD_BYTES: Readonly<Record<Layout, number>> = {
  flat: LEADS.flat.charCodeAt(0),
  hashed: LEADS.hashed.charCodeAt(0),
};

/**
 * Makes the ledger's key of a session: layout, shard (`sid[:2]`) and the sid encrypted with the ledger's own secret. So no
 * sid stands on disk, sessions of a shard lie together, and the key of a session whose file is gone can still be known.
 *
 * Every block is encrypted by itself (AES-256-ECB), because a session must have the same key each time. What ECB gives
 * away, equal blocks, says nothing here: a block holds 96 random bits or more.
 */
export class SidCipher {
  readonly #cipher: Cipher;
  readonly #decipher: Decipher;
  /** By form, filled anew for each session. */
  readonly #keys = new Map(FORMS.map((form) => [form, Buffer.alloc(HEAD_BYTES + form.bytes)]));
  #clear = Buffer.alloc(CHARACTERS.bytes * 64);

  /** @param secret 32 bytes */
  constructor(secret: Uint8Array) {
    this.#cipher = createCipheriv('aes-256-ecb', secret, null).setAutoPadding(false);
    this.#decipher = createDecipheriv('aes-256-ecb', secret, null).setAutoPadding(false);
  }

  /**
   * Calls `use` with the key of each session, which holds until the next one. All are encrypted at once: one call into
   * OpenSSL costs as much as a hundred blocks.
   */
  forEachKey(sids: readonly string[], layouts: readonly Layout[], use: (key: Buffer, index: number) => void): void {
    let length = 0;
    for (const sid of sids) length += formOf(sid).bytes;
    if (length > this.#clear.length) this.#clear = Buffer.alloc(2 * length);
    const clear = this.#clear.fill(0, 0, length);
    let end = 0;
    for (const sid of sids) {
      const { encoding, bytes } = formOf(sid);
      clear.write(sid, end, encoding);
      end += bytes;
    }
    const encrypted = this.#cipher.update(clear.subarray(0, length));
    for (let i = 0, start = 0; i < sids.length; i++) {
      const sid = sids[i] as string;
      const form = formOf(sid);
      const key = this.#keys.get(form) as Buffer;
      key[0] = LEAD_BYTES[layouts[i] as Layout];
      key[1] = sid.charCodeAt(0);
      key[2] = sid.charCodeAt(1);
      encrypted.copy(key, HEAD_BYTES, start, start + form.bytes);
      start += form.bytes;
      use(key, i);
    }
  }

  /** The sid of a key, or null for one that this secret did not make. */
  sidOf(key: Uint8Array): string | null {
    const form = FORMS.find(({ bytes }) => bytes === key.length - HEAD_BYTES);
    if (form === undefined) return null;
    const clear = this.#decipher.update(key.subarray(HEAD_BYTES));
    const used = form.used || clear.indexOf(0);
    if (used < 0 || clear.subarray(used).some((byte) => byte !== 0)) return null;
    const sid = clear.toString(form.encoding, 0, used);
    return sid.startsWith(Buffer.from(key.subarray(1, HEAD_BYTES)).toString('latin1')) ? sid : null;
  }
}

function formOf(sid: string): Form {
  if (sid.length === 40) return HEX;
  return sid.length === 84 ? URLSAFE : CHARACTERS;
}

/** The same key under the other layout: a session is recorded where it was first seen, and Odoo 16 moves flat files. */
export function underOtherLayout(key: Buffer): Buffer {
  const other = Buffer.from(key);
  other.write(key[0] === LEADS.flat.charCodeAt(0) ? LEADS.hashed : LEADS.flat, 'latin1');
  return other;
}
