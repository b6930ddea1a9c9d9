import { type Cipher, createCipheriv, createDecipheriv, type Decipher } from 'node:crypto';
import type { Layout } from '../session.js';

const BLOCK_BYTES = 16;
/** Hexadecimal ids are kept as their 20 bytes, longer ones as their characters; both filled up to whole blocks. */
const SHORT_BYTES = 2 * BLOCK_BYTES;
const LONG_BYTES = 6 * BLOCK_BYTES;
const HEX_DIGITS = 40;
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
  readonly #shortKey = Buffer.alloc(HEAD_BYTES + SHORT_BYTES);
  readonly #longKey = Buffer.alloc(HEAD_BYTES + LONG_BYTES);
  #clear = Buffer.alloc(LONG_BYTES * 64);

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
    for (const sid of sids) length += bytesOf(sid);
    if (length > this.#clear.length) this.#clear = Buffer.alloc(2 * length);
    const clear = this.#clear.fill(0, 0, length);
    let end = 0;
    for (const sid of sids) {
      clear.write(sid, end, sid.length === HEX_DIGITS ? 'hex' : 'latin1');
      end += bytesOf(sid);
    }
    const encrypted = this.#cipher.update(clear.subarray(0, length));
    for (let i = 0, start = 0; i < sids.length; i++) {
      const sid = sids[i] as string;
      const bytes = bytesOf(sid);
      const key = bytes === SHORT_BYTES ? this.#shortKey : this.#longKey;
      key[0] = LEAD_BYTES[layouts[i] as Layout];
      key[1] = sid.charCodeAt(0);
      key[2] = sid.charCodeAt(1);
      encrypted.copy(key, HEAD_BYTES, start, start + bytes);
      start += bytes;
      use(key, i);
    }
  }

  /** The sid of a key, or null for one that this secret did not make. */
  sidOf(key: Uint8Array): string | null {
    const bytes = key.length - HEAD_BYTES;
    if (bytes !== SHORT_BYTES && bytes !== LONG_BYTES) return null;
    const clear = this.#decipher.update(key.subarray(HEAD_BYTES));
    const used = bytes === SHORT_BYTES ? HEX_DIGITS / 2 : clear.indexOf(0);
    if (used < 0 || clear.subarray(used).some((byte) => byte !== 0)) return null;
    const sid = clear.toString(bytes === SHORT_BYTES ? 'hex' : 'latin1', 0, used);
    return sid.startsWith(Buffer.from(key.subarray(1, HEAD_BYTES)).toString('latin1')) ? sid : null;
  }
}

const bytesOf = (sid: string): number => (sid.length === HEX_DIGITS ? SHORT_BYTES : LONG_BYTES);

/** The same key under the other layout: a session is recorded where it was first seen, and Odoo 16 moves flat files. */
export function underOtherLayout(key: Buffer): Buffer {
  const other = Buffer.from(key);
  other.write(key[0] === LEADS.flat.charCodeAt(0) ? LEADS.hashed : LEADS.flat, 'latin1');
  return other;
}
