import { inflateSync } from 'node:zlib';

/** A field that unpacks to more is no session. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * By the tag of four bytes, what packed a field (colinmollenhour/php-redis-session-abstract Handler.php, _decodeData).
 */
const PACKERS: Readonly<Record<string, string>> = { ':sn:': 'snappy', ':lz:': 'lzf', ':l4:': 'lz4' };

/**
 * The session in the field `data` as Magento's reader writes it: as it is, or behind a tag that says what packed it.
 * @returns the bytes, or why they can't be had
 */
export function untag(field: Uint8Array): Uint8Array | string {
  const tag = Buffer.from(field.subarray(0, 4)).toString('latin1');
  const packer = PACKERS[tag];
  if (packer !== undefined) return `it is packed by ${packer}, which this program can't undo`;
  if (tag !== ':gz:') return field;
  try {
    return inflateSync(field.subarray(4), { maxOutputLength: MOST_BYTES });
  } catch {
    return 'it is packed by gzip and damaged, or holds more than 16 MiB';
  }
}
