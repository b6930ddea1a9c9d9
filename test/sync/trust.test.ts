import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ledger } from '../../src/ledger/ledger.js';
import { writeMarkers } from '../../src/redis/marker.js';
import { incompleteness } from '../../src/sync/incompleteness.js';
import { RunMarkers } from '../../src/sync/markers.js';
import { type TrustOptions, trustIn } from '../../src/sync/trust.js';
import { RedisServer } from '../support/redis-server.js';
import { settingsOf } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { trusting } from '../support/trusting.js';

const DAY = 86_400_000;

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

it('a ledger that the target is ahead of is incomplete until the longest lived copy has ended', async () => {
  const lanes = settingsOf({ key: { before: 'session:', after: '' }, target: redis.endpoint });
  const ledger = await Ledger.open(temporaryDirectory(), { sources: '/store', target: 'redis://here' });
  await ledger.beginPass(trusting('compare'), true);
  const markers = new RunMarkers(ledger, redis.endpoint, lanes);
  const nowMs = Date.now();
  const ahead = {
    run: await ledger.runId(),
    pass: 9,
    stage: 'complete',
    atMs: nowMs,
    completePass: 9,
    hasReceipts: false,
  } as const;
  await writeMarkers(redis.endpoint, markers.names, ahead, nowMs + DAY);

  const warnings: string[] = [];
  const options: TrustOptions = {
    target: redis.endpoint,
    ...{ isDryRun: false, isFinal: false, isCutoverDone: false, doFilesWin: false, followsChanges: true, repair: 'no' },
    warn: (message) => warnings.push(message),
  };
  const trust = await trustIn(ledger, lanes, markers, options, new AbortController().signal);
  expect(trust.isWhole).toBe(false);
  expect(warnings).toEqual([expect.stringMatching(/does not know all that was moved/)]);
  // A session may have an expiration of its own, which the reader heeds.
  expect(await incompleteness(ledger, nowMs + 89 * DAY)).toMatch(/ends with pass 1, the target has seen pass 9/);
  expect(await incompleteness(ledger, nowMs + 91 * DAY)).toBeNull();
  await ledger.close();
});
