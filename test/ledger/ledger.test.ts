import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { openCopy } from '../../src/ledger/copy.js';
import { META, rangeOf } from '../../src/ledger/keys.js';
import { Ledger } from '../../src/ledger/ledger.js';
import { OrdinalSet } from '../../src/ledger/ordinals.js';
import { digestOf, SessionColumns } from '../../src/ledger/record.js';
import type { LedgerShare } from '../../src/ledger/record-doubt.js';
import { COUNTER, Recorder } from '../../src/ledger/recorder.js';
import { contentsOf } from '../../src/ledger/visit.js';
import { hex40, NOW } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { trusting } from '../support/trusting.js';

const identity = { sources: '/store', target: 'redis://here' };
const CROWD = [10, 11, 12, 13, 14, 15, 16];
const FILE = { mtimeMs: NOW, size: 3, inode: 5 };
const value = Buffer.from('{}');
const NOTE = {
  command: 'sync',
  startedMs: 0,
  elapsedMs: 0,
  isFull: true,
  listed: 0,
  outcomes: {},
  deletes: {},
  exitCode: 0,
};

const begin = async (ledger: Ledger, mode: LedgerShare['mode'] = 'compare', isPacking = true): Promise<LedgerShare> => {
  const share = await ledger.beginPass(trusting(mode), isPacking);
  await ledger.reserve(1000, 0);
  return share;
};

function noted(...numbers: number[]): SessionColumns {
  const sessions = new SessionColumns(numbers.length);
  for (const n of numbers) sessions.add(hex40(n), 'hashed', 0, FILE, null);
  return sessions;
}

/** Records sessions as sent and acknowledged. */
async function record(share: LedgerShare, ...numbers: number[]): Promise<void> {
  const recorder = await Recorder.open(share);
  const sessions = noted(...numbers);
  const expiryMs = new Float64Array(numbers.length).fill(NOW + 1000);
  const batch = await recorder.begin(sessions, expiryMs, () => value);
  await recorder.settle(
    batch,
    sessions,
    expiryMs,
    () => value,
    () => false,
  );
  await recorder.close();
}

describe('a ledger', () => {
  it('notes each pass once, and forgets the oldest of many, also where some never ended', async () => {
    const stateDir = temporaryDirectory();
    const ledger = await Ledger.open(stateDir, identity);
    for (let pass = 1; pass <= 120; pass++) {
      await ledger.beginPass(trusting('compare'), true);
      if (pass % 3 !== 0) await ledger.endPass({ ...NOTE, startedMs: pass }, true);
    }
    const notes = await ledger.store.values(rangeOf('n'));
    // One note a key: what a pass adds to the ledger does not grow with the passes before it.
    expect(notes.map((bytes) => JSON.parse(bytes.toString()).startedMs)).toEqual(
      Array.from({ length: 120 }, (_, i) => i + 1).filter((pass) => pass % 3 !== 0 && pass > 119 - 50),
    );
    await ledger.close();
    const again = await Ledger.open(stateDir, identity);
    expect(again.passes.at(-1)).toEqual({ ...NOTE, startedMs: 119 });
    await again.close();
  });

  it.each([
    [true, 'packed, as of one store,'],
    [false, 'one by one, as of several,'],
  ])('remembers sessions, by any of its lanes: %s', async (isPacking) => {
    const stateDir = temporaryDirectory();
    const ledger = await Ledger.open(stateDir, identity);
    const share = await begin(ledger, 'fresh', isPacking);
    // Packs are of eight sessions at least.
    await Promise.all([record(share, 1, 2, ...CROWD), record(share, 3)]);
    const recorder = await Recorder.open(await begin(ledger, 'compare', isPacking));
    const found = await recorder.recall([1, 2, 3, 4].map(hex40));
    for (const one of found.slice(0, 3)) {
      expect(one).toMatchObject({
        state: 'ours',
        layout: 'hashed',
        source: 0,
        pass: 1,
        ...FILE,
        versions: [{ expiryMs: NOW + 1000, digest: digestOf(value) }],
      });
      expect(one && recorder.isUnchanged(one, { ...FILE, source: 0, layout: 'hashed' })).toBe(true);
      expect(one && recorder.isUnchanged(one, { ...FILE, source: 0, layout: 'flat' })).toBe(false);
    }
    expect(found[3]).toBeNull();
    expect(new Set(found.slice(0, 3).map((one) => one?.ordinal)).size).toBe(3);
    await recorder.close();
    await ledger.close();
    const again = await Ledger.open(stateDir, identity);
    expect(await contentsOf(again, NOW)).toMatchObject({ records: { ours: 10 }, live: 10, openBatches: 0, identity });
    expect(await contentsOf(again, NOW + 5000)).toMatchObject({ live: 0 });
    await again.close();
  });

  it('holds a batch in doubt until it is settled, with every version that may have arrived', async () => {
    const stateDir = temporaryDirectory();
    let ledger = await Ledger.open(stateDir, identity);
    await record(await begin(ledger, 'fresh'), 1);
    const recorder = await Recorder.open(await begin(ledger));
    const sessions = new SessionColumns(1);
    const [before] = await recorder.recall([hex40(1)]);
    sessions.add(hex40(1), 'hashed', 0, { ...FILE, mtimeMs: NOW + 1 }, before ?? null);
    await recorder.begin(sessions, Float64Array.of(NOW + 2000), () => Buffer.from('new'));
    // No settle: as a crash leaves it.
    await recorder.store.close();
    await ledger.close();
    ledger = await Ledger.open(stateDir, identity);
    await ledger.findOpenBatches();
    const after = await Recorder.open(await begin(ledger));
    const [inDoubt] = await after.recall([hex40(1)]);
    expect(inDoubt && after.doubt.isInDoubt(inDoubt)).toBe(true);
    expect(inDoubt && after.isUnchanged(inDoubt, inDoubt)).toBe(false);
    expect(inDoubt?.versions.map(({ expiryMs }) => expiryMs)).toEqual([NOW + 2000, NOW + 1000]);
    await after.close();
    await ledger.close();
  });

  it('never gives an ordinal twice, also after a pass that did not end', async () => {
    const stateDir = temporaryDirectory();
    const ordinals: number[] = [];
    for (let pass = 0; pass < 3; pass++) {
      const ledger = await Ledger.open(stateDir, identity);
      const recorder = await Recorder.open(await begin(ledger));
      const sessions = noted(pass * 2, pass * 2 + 1);
      await recorder.skip(sessions);
      ordinals.push(...sessions.ordinal);
      await recorder.store.close();
      await ledger.store.close();
    }
    expect(new Set(ordinals).size).toBe(6);
  });

  it('uses no ordinals up in passes that find nothing new', async () => {
    const ledger = await Ledger.open(temporaryDirectory(), identity);
    for (let pass = 0; pass < 3; pass++) {
      const share = await begin(ledger);
      expect(share.counters[COUNTER.ordinal]).toBe(pass);
      await record(share, pass);
      await ledger.endPass(NOTE, true);
    }
    await ledger.keepFact(META.cutover, true);
    const last = Buffer.alloc(4);
    last.writeUInt32BE(2 ** 32 - 1000);
    await ledger.store.put(META.ordinals, last);
    await expect(begin(ledger)).rejects.toMatchObject({ exitCode: EXIT.stateInUse });
    await ledger.close();
  });

  it('belongs to one run at a time', async () => {
    const stateDir = temporaryDirectory();
    const ledger = await Ledger.open(stateDir, identity);
    await ledger.keepFact(META.cutover, true);
    // Another process is tried in test/e2e/sync.slow.test.ts; within one, LevelDB would share the files.
    expect(await ledger.fact(META.cutover)).toBe(true);
    await ledger.close();
  });

  it.each(Object.keys(identity))('is refused to a run with another %s, which is named', async (name) => {
    const stateDir = temporaryDirectory();
    await (await Ledger.open(stateDir, identity)).close();
    await expect(Ledger.open(stateDir, { ...identity, [name]: 'other' })).rejects.toMatchObject({
      exitCode: EXIT.stateInUse,
      message: expect.stringMatching(new RegExp(`its ${name} is .* and yours other`)),
    });
    await (await Ledger.open(stateDir, identity)).close();
  });

  it('that is not there is not made only to be looked at', async () => {
    const stateDir = join(temporaryDirectory(), 'none');
    await expect(Ledger.open(stateDir, null)).rejects.toMatchObject({ exitCode: EXIT.usage });
    expect(existsSync(stateDir)).toBe(false);
  });

  it('is only read by a dry run, which writes into a copy', async () => {
    const stateDir = temporaryDirectory();
    expect(await openCopy(stateDir, identity)).toBeNull();
    const ledger = await Ledger.open(stateDir, identity);
    await record(await begin(ledger, 'fresh'), 1, 2);
    await ledger.close();
    const files = () =>
      readdirSync(join(stateDir, 'ledger'))
        .sort()
        .map((name) => [name, readFileSync(join(stateDir, 'ledger', name)).toString('latin1')]);
    const before = files();
    const copy = (await openCopy(stateDir, identity)) as Ledger;
    await record(await begin(copy), 3);
    expect(await contentsOf(copy, NOW)).toMatchObject({ records: { ours: 3 } });
    await copy.close();
    expect(files()).toEqual(before);
  });
});

describe('a damaged ledger', () => {
  const file = (stateDir: string, pattern: RegExp): string => {
    const name = readdirSync(join(stateDir, 'ledger')).find((one) => pattern.test(one));
    return join(stateDir, 'ledger', name as string);
  };
  const flip = (path: string) => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 0x10;
    writeFileSync(path, bytes);
  };

  it.each<[string, (stateDir: string) => void]>([
    ['cut log', (dir) => truncateSync(file(dir, /\.log$/), 10)],
    ['bit in the log', (dir) => flip(file(dir, /\.log$/))],
    ['bit in the manifest', (dir) => flip(file(dir, /^MANIFEST/))],
    ['missing manifest', (dir) => rmSync(file(dir, /^MANIFEST/))],
    ['missing table of contents', (dir) => rmSync(file(dir, /^CURRENT/))],
    ['missing secret', (dir) => rmSync(join(dir, 'secret'))],
    ['empty secret', (dir) => writeFileSync(join(dir, 'secret'), '')],
    ['longer log', (dir) => appendFileSync(file(dir, /\.log$/), 'x')],
    ['broken seal', (dir) => writeFileSync(join(dir, 'seal.json'), '{')],
  ])('is refused with one sentence and a way out: %s', async (_, damage) => {
    const stateDir = temporaryDirectory();
    const ledger = await Ledger.open(stateDir, identity);
    await record(await begin(ledger, 'fresh'), ...Array.from({ length: 100 }, (__, n) => n));
    await ledger.close();
    damage(stateDir);
    await expect(Ledger.open(stateDir, identity)).rejects.toMatchObject({
      exitCode: EXIT.stateInUse,
      message: expect.stringMatching(/^the ledger in .* is damaged \(.*\): move it away, with all else in .*, and run/),
    });
    // What the sentence says is what helps.
    renameSync(stateDir, join(temporaryDirectory(), 'away'));
    const next = await Ledger.open(stateDir, identity);
    await next.close();
  });

  it('is refused when a newer program wrote it', async () => {
    const stateDir = temporaryDirectory();
    const ledger = await Ledger.open(stateDir, identity);
    await ledger.keepFact(META.header, { layout: 4, identity });
    await ledger.close();
    await expect(Ledger.open(stateDir, identity)).rejects.toMatchObject({
      exitCode: EXIT.stateInUse,
      message: expect.stringMatching(/has layout 4, this program knows 3: use the program that made it/),
    });
  });

  it.each([
    [true, 'p'],
    [false, 's'],
  ])('is noticed entry by entry as well: packed %s', async (isPacking, lead) => {
    const ledger = await Ledger.open(temporaryDirectory(), identity);
    const numbers = [1, ...CROWD];
    await record(await begin(ledger, 'fresh', isPacking), ...numbers);
    const share = await begin(ledger, 'compare', isPacking);
    const [key] = await ledger.store.keys(rangeOf(lead));
    const bytes = Buffer.from((await ledger.store.get(key as Buffer)) as Buffer);
    bytes[5] = (bytes[5] as number) ^ 1;
    await ledger.store.put(key as Buffer, bytes);
    const recorder = await Recorder.open(share);
    await expect(recorder.recall(numbers.map(hex40))).rejects.toMatchObject({ exitCode: EXIT.stateInUse });
    await recorder.close();
    await expect(contentsOf(ledger, NOW)).rejects.toMatchObject({ exitCode: EXIT.stateInUse });
    if (isPacking) await expect(begin(ledger)).rejects.toMatchObject({ exitCode: EXIT.stateInUse });
    await ledger.close();
  });
});

describe('what a pass has seen', () => {
  it('is known by ordinal, however large', () => {
    const seen = new OrdinalSet();
    seen.add(Uint32Array.of(0, 7, 8, 9_000_001));
    const asked = [0, 1, 7, 8, 9, 9_000_000, 9_000_001, 4_000_000_000];
    expect(asked.filter((ordinal) => seen.has(ordinal))).toEqual([0, 7, 8, 9_000_001]);
    seen.add(Uint32Array.of(7, 8));
    expect(seen.count).toBe(4);
  });
});
