import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SidCipher, underOtherLayout } from '../../src/ledger/sid-cipher.js';
import type { Layout } from '../../src/session.js';
import { hex40, urlsafe84 } from '../samples.js';

const secret = randomBytes(32);
const sids = [hex40(1), urlsafe84(2), `${urlsafe84(3)}_-`, hex40(4), `--${urlsafe84(5).slice(2)}`];
const layouts: Layout[] = ['flat', 'hashed', 'hashed', 'hashed', 'flat'];

function keysOf(cipher: SidCipher, wanted: readonly string[] = sids, under: readonly Layout[] = layouts): Buffer[] {
  const keys: Buffer[] = [];
  cipher.forEachKey(wanted, under, (key) => keys.push(Buffer.from(key)));
  return keys;
}

describe("the ledger's key of a session", () => {
  it('gives back the sid, of whatever kind', () => {
    const cipher = new SidCipher(secret);
    expect(keysOf(cipher).map((key) => cipher.sidOf(key))).toEqual(sids);
  });

  it('has the lengths that MIGRATION.md writes down: whole blocks of 20, of 63, or of the characters', () => {
    expect(keysOf(new SidCipher(secret)).map(({ length }) => length - 3)).toEqual([32, 64, 96, 32, 64]);
  });

  it('is the same each time, alone and among others, and another with another secret', () => {
    const keys = keysOf(new SidCipher(secret));
    expect(keysOf(new SidCipher(secret))).toEqual(keys);
    for (const [i, sid] of sids.entries()) {
      expect(keysOf(new SidCipher(secret), [sid], [layouts[i] as Layout])).toEqual([keys[i]]);
    }
    const others = keysOf(new SidCipher(randomBytes(32)));
    for (const [i, key] of keys.entries()) expect(others[i]?.equals(key)).toBe(false);
  });

  it('begins with layout and shard, and shows no more of the sid', () => {
    for (const [i, key] of keysOf(new SidCipher(secret)).entries()) {
      const sid = sids[i] as string;
      expect(key.toString('latin1', 0, 3)).toBe((layouts[i] === 'flat' ? 'f' : 'h') + sid.slice(0, 2));
      expect(key.toString('latin1')).not.toContain(sid.slice(2, 8));
      expect(key.toString('hex')).not.toContain(sid.slice(2, 14));
    }
  });

  it('differs between layouts by its first byte alone', () => {
    const cipher = new SidCipher(secret);
    const [flat, hashed] = [keysOf(cipher, [hex40(9)], ['flat'])[0], keysOf(cipher, [hex40(9)], ['hashed'])[0]];
    expect(underOtherLayout(flat as Buffer)).toEqual(hashed);
    expect(underOtherLayout(hashed as Buffer)).toEqual(flat);
  });

  it('of another secret, or damaged, is most often known as no key, and never as the same sid', () => {
    const cipher = new SidCipher(secret);
    for (const [i, key] of keysOf(cipher).entries()) {
      expect(new SidCipher(randomBytes(32)).sidOf(key)).not.toBe(sids[i]);
      for (let at = 1; at < key.length; at++) {
        const damaged = Buffer.from(key);
        damaged[at] = (damaged[at] as number) ^ 1;
        expect(cipher.sidOf(damaged)).not.toBe(sids[i]);
      }
    }
    expect(cipher.sidOf(Buffer.from('m:header'))).toBeNull();
  });
});
