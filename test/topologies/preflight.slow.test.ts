import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { detect } from '../../src/detect/detect.js';
import { EXIT } from '../../src/errors.js';
import { preflight } from '../../src/preflight/preflight.js';
import { slotOf } from '../../src/redis/cluster.js';
import { type Endpoint, parseTarget } from '../../src/redis/endpoint.js';
import { Cluster } from '../support/cluster.js';
import { optionsOfLine } from '../support/options.js';
import { flat, hex40, jsonSession, settingsOf } from '../support/samples.js';
import { SentinelSet } from '../support/sentinels.js';
import { makeWorkspace } from '../support/workspace.js';

const SESSIONS = 600;
const work = makeWorkspace();
const store = join(work, 'sessions');
mkdirSync(store);
for (let i = 0; i < SESSIONS; i++) writeFileSync(`${store}/${flat(hex40(i))}`, jsonSession({ note: 'x'.repeat(1000) }));

const look = (target: Endpoint) =>
  preflight({
    ...{ work: 'migrate', target, settings: settingsOf({ sources: [store] }), maxEntries: Number.POSITIVE_INFINITY },
    ...{ isDryRun: false, skipsCapacityCheck: false, acceptsEviction: false },
    reader: optionsOfLine({ to: 'redis://r', prefix: '' }).reader,
  });

describe('pre-flight and detect, before a cluster', () => {
  it('ask each master for its share, and refuse what one of them can not take', async () => {
    const cluster = await Cluster.forTest(work, { hasReplicas: false });
    const target = parseTarget(cluster.url);
    const { facts, refusal, warnings, capacity } = await look(target);
    expect({ refusal, warnings }).toEqual({ refusal: null, warnings: [] });
    expect(new Set(facts.map(({ instance }) => instance)).size).toBe(3);
    expect(capacity).toMatchObject({ isMeasured: true, fits: true, sentence: expect.stringMatching(/^of 3 masters/) });
    // Every session counts at one master, whatever the rounding.
    expect(Math.abs((capacity?.sessions ?? 0) - SESSIONS)).toBeLessThanOrEqual(2);
    expect(await cluster.size()).toBe(0);

    const client = (cluster.nodes[1] as Cluster['nodes'][0]).client();
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
    await client.config('SET', 'maxmemory', String(used + 300_000));
    const short = await look(target);
    expect(short.refusal).toMatchObject({ exitCode: EXIT.refused });
    expect(short.refusal?.message).toMatch(/^the load does not fit: about (1\d\d|2\d\d) sessions need/);
  });

  it('see the keys of all masters as those of one reader', async () => {
    const cluster = await Cluster.forTest(work, { hasReplicas: false });
    const clients = cluster.nodes.map((node) => node.client());
    for (let i = 0; i < 90; i++) {
      const key = `session::shop:${hex40(i)}`;
      const owner = clients[Math.floor(slotOf(Buffer.from(key)) / (16_384 / 3))];
      await owner?.set(key, jsonSession());
    }
    const target = parseTarget(cluster.url);
    const { findings, keys } = await detect(target, { maxKeys: 1000, maxValues: 50, maxDatabases: 4 });
    expect(keys).toBe(90);
    expect(findings).toEqual([
      expect.objectContaining({ keys: 90, sampled: 90, read: 90, decoded: 90, confidence: 'certain', prefix: 'shop' }),
    ]);
    expect((await look(target)).warnings).toEqual([expect.stringMatching(/some 90 sessions as session::shop:\{sid\}/)]);
  });
});

describe('pre-flight, before sentinels', () => {
  it('looks at the master that they name', async () => {
    const sentinels = await SentinelSet.forTest(work);
    const { facts, refusal, capacity } = await look(parseTarget(sentinels.url()));
    expect(refusal).toBeNull();
    expect(facts).toEqual([expect.objectContaining({ role: 'master' })]);
    expect(capacity).toMatchObject({ sessions: SESSIONS, fits: true, isMeasured: true });
  });
});
