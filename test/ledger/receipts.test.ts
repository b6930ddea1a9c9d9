import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeReceipts, RECEIPT_BYTES, ReceiptTable } from '../../src/ledger/receipts.js';

const NOW = 1_800_000_000_000;
const sidOf = (n: number) => createHash('sha1').update(`${n}`).digest('hex');
const digestOf = (n: number) => createHash('sha1').update(`value ${n}`).digest().subarray(0, 8);
const origin = (pass: number, batch = 1) => ({ run: 'a1', pass, batch });

/** Receipts of sessions, each with the version of that number. */
function receiptsOf(sessions: readonly (readonly [session: number, version: number])[]) {
  const sids = sessions.map(([session]) => sidOf(session));
  const expiryMs = Float64Array.from(sessions, ([, version]) => NOW + version);
  const digests = Buffer.concat(sessions.map(([, version]) => digestOf(version)));
  return encodeReceipts(sids, sids.length, expiryMs, digests);
}

const versionOf = (version: number) => ({ expiryMs: NOW + version, digest: digestOf(version).toString('hex') });

describe('a table of receipts', () => {
  it('tells of each session all that was sent, the newest first, and of no other session anything', () => {
    const round = fc.array(fc.tuple(fc.nat(30), fc.nat(5)), { maxLength: 20 });
    fc.assert(
      fc.property(fc.array(round, { maxLength: 12 }), (rounds) => {
        const table = new ReceiptTable(rounds.flat().length);
        for (const [pass, sessions] of rounds.entries()) table.add(origin(pass), receiptsOf(sessions).bytes);
        for (let session = 0; session <= 31; session++) {
          const sent = rounds.flatMap((sessions, pass) =>
            sessions.flatMap(([one, version]) => (one === session ? [{ version, pass }] : [])),
          );
          const newestFirst = [...new Set(sent.toReversed().map(({ version }) => version))];
          const found = table.of(sidOf(session));
          expect(found?.versions ?? []).toEqual(newestFirst.map(versionOf));
          expect([found?.newest.pass, found?.oldest.pass]).toEqual([sent.at(-1)?.pass, sent[0]?.pass]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('tells ids of 40 digits apart, a hundred thousand of them', () => {
    const count = 100_000;
    const table = new ReceiptTable(count);
    const sessions = Array.from({ length: count }, (_, n) => [n, n] as const);
    table.add(origin(1), receiptsOf(sessions).bytes);
    const wrong = sessions.filter(([n]) => table.of(sidOf(n))?.versions.length !== 1);
    const foreign = sessions.filter(([n]) => table.of(sidOf(n + count)) !== null);
    expect([wrong.length, foreign.length]).toEqual([0, 0]);
  });

  it('passes over what a server cut short, and takes no more than it has room for', () => {
    const { bytes } = receiptsOf([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    const table = new ReceiptTable(1);
    table.add(origin(1), bytes.subarray(0, 2 * RECEIPT_BYTES - 1));
    expect(table.count).toBe(1);
    table.add(origin(2), bytes);
    expect(table.count).toBe(1);
    expect(table.of(sidOf(1))?.versions).toEqual([versionOf(1)]);
    expect(table.of(sidOf(2))).toBeNull();
  });

  it('is of no use to whoever wants the ids: nothing of them is in the bytes', () => {
    const { bytes, lastExpiryMs } = receiptsOf([
      [1, 7],
      [2, 5],
    ]);
    expect(lastExpiryMs).toBe(NOW + 7);
    expect(bytes.length).toBe(2 * RECEIPT_BYTES);
    const sid = sidOf(1);
    for (let at = 0; at + 8 <= sid.length; at++) {
      expect(bytes.toString('latin1')).not.toContain(sid.slice(at, at + 8));
      expect(bytes.toString('hex')).not.toContain(sid.slice(at, at + 8));
    }
  });
});
