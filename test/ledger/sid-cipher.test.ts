import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SidCipher } from '../../src/ledger/sid-cipher.js';
import { hex40, urlsafe84 } from '../support/samples.js';

const secret = randomBytes(32);
const sids = [hex40(1), urlsafe84(2), `${urlsafe84(3)}_-`, hex40(4), `--${urlsafe84(5).slice(2)}`];

describe("the ledger's id of a session", () => {
  it('gives back the sid, of whatever kind', () => {
    const cipher = new SidCipher(secret);
    expect(cipher.idsOf(sids).map((id) => cipher.sidOf(id))).toEqual(sids);
  });

  it('has the lengths that docs/ledger-format.md writes down: whole blocks of 20, of 63, or of the characters', () => {
    expect(new SidCipher(secret).idsOf(sids).map(({ length }) => length)).toEqual([32, 64, 96, 32, 64]);
    expect(sids.map((sid) => new SidCipher(secret).bytesOf(sid))).toEqual([32, 64, 96, 32, 64]);
  });

  it('is the same each time, alone and among others, and another with another secret', () => {
    const ids = new SidCipher(secret).idsOf(sids);
    expect(new SidCipher(secret).idsOf(sids)).toEqual(ids);
    for (const [i, sid] of sids.entries()) expect(new SidCipher(secret).idsOf([sid])).toEqual([ids[i]]);
    const others = new SidCipher(randomBytes(32)).idsOf(sids);
    for (const [i, id] of ids.entries()) expect(others[i]?.equals(id)).toBe(false);
  });

  it('gives back ids of other applications, of any length and characters', () => {
    const others = ['a', 'A'.repeat(15), 'Z0,-'.repeat(4), hex40(1), 'k'.repeat(84), '\xfe'.repeat(238)];
    const cipher = new SidCipher(secret, true);
    const ids = cipher.idsOf(others);
    expect(ids.map((id) => cipher.sidOf(id))).toEqual(others);
    expect(ids.map(({ length }) => length)).toEqual([16, 16, 32, 48, 96, 240]);
  });

  it('shows nothing of the sid', () => {
    for (const [i, id] of new SidCipher(secret).idsOf(sids).entries()) {
      const sid = sids[i] as string;
      expect(id.toString('latin1')).not.toContain(sid.slice(0, 6));
      expect(id.toString('hex')).not.toContain(sid.slice(0, 12));
    }
  });

  it('of another secret, or damaged, is most often known as no id, and never as the same sid', () => {
    const cipher = new SidCipher(secret);
    for (const [i, id] of cipher.idsOf(sids).entries()) {
      expect(new SidCipher(randomBytes(32)).sidOf(id)).not.toBe(sids[i]);
      for (let at = 0; at < id.length; at++) {
        const damaged = Buffer.from(id);
        damaged[at] = (damaged[at] as number) ^ 1;
        expect(cipher.sidOf(damaged)).not.toBe(sids[i]);
      }
    }
    expect(cipher.sidOf(Buffer.from('m:header'))).toBeNull();
  });
});
