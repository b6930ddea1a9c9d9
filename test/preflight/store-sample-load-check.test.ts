import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLoad, StoreLook } from '../../src/preflight/store-sample.js';
import { connectControl } from '../../src/redis/control.js';
import { filesAtMost } from '../../src/source/survey.js';
import { RedisServer } from '../support/redis-server.js';
import { flat, hex40, jsonSession, settingsOf } from '../support/samples.js';
import { factsOf } from '../support/server-facts.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const SESSIONS = 600;
const store = `${temporaryDirectory()}/sessions`;
let redis: RedisServer;
beforeAll(async () => {
  mkdirSync(store);
  for (let i = 0; i < SESSIONS; i++) writeFileSync(`${store}/${flat(hex40(i))}`, jsonSession());
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

/** The verdict when only so many names are listed at first, and the server has so much. */
async function verdict(quickNames: number, maxmemoryBytes: number) {
  const settings = settingsOf({ sources: [store] });
  const client = await connectControl(redis.endpoint);
  const request = { settings, maxEntries: Number.POSITIVE_INFINITY, isDryRun: true };
  try {
    return await checkLoad(client, factsOf({ maxmemoryBytes }), request, new StoreLook(settings, quickNames));
  } finally {
    client.disconnect();
  }
}

describe('how many sessions a run adds', () => {
  it('is counted where the store is small', async () => {
    expect(await verdict(5000, 0)).toMatchObject({ sessions: SESSIONS, certainty: 'about' });
  });

  it('is at most what the file system holds, where that fits anyway', async () => {
    const most = filesAtMost([store]);
    // btrfs and the like do not count their files.
    if (most === null) return;
    const found = await verdict(100, 2 ** 50);
    expect(found).toMatchObject({ certainty: 'at most', fits: true });
    expect(found.sessions / most).toBeGreaterThan(0.8);
    expect(found.sessions).toBeGreaterThan(SESSIONS);
  });

  it('is counted after all, where that would not fit', async () => {
    expect(await verdict(100, 2_500_000)).toMatchObject({ sessions: SESSIONS, certainty: 'about', fits: true });
    expect(await verdict(100, 1_200_000)).toMatchObject({ sessions: SESSIONS, certainty: 'about', fits: false });
  });
});
