import type { Redis } from 'ioredis';
import { describe, expect, it, vi } from 'vitest';
import { slotOf } from '../../src/redis/cluster.js';
import { hasOpenssl, makeCertificates } from '../support/certificates.js';
import { Cluster } from '../support/cluster.js';
import { World } from '../support/fault-world.js';
import { hasTls } from '../support/redis-server.js';
import { makeWorkspace, until } from '../support/workspace.js';

// Failovers take their time where processors are scarce.
vi.setConfig({ testTimeout: 180_000 });

const work = makeWorkspace();
const world = new World(work, 900);

async function furnish(cluster: Cluster): Promise<void> {
  const clients = cluster.nodes.slice(0, 3).map((node) => node.client());
  await world.furnish((key, ...words) => {
    const owner = clients[Math.floor(slotOf(Buffer.from(key)) / (16_384 / 3))] as Redis;
    return owner.call('SET', key, ...words);
  });
}

describe('a cluster', () => {
  it('takes each session where its slot is, also while slots move and a master is replaced', async () => {
    const cluster = await Cluster.forTest(work);
    await furnish(cluster);
    const [first, second, third] = cluster.nodes as [Cluster['nodes'][0], Cluster['nodes'][0], Cluster['nodes'][0]];
    const run = await world.caught(cluster.url, () => cluster.size());
    await cluster.moveSlots(0, 60, first, second);
    expect(run.child.exitCode).toBeNull();
    await third.kill();
    const result = await run.finished;
    await until(async () => (await cluster.masters()).length === 3);
    world.expectComplete(result, await cluster.contents());
    expect(result.stderr).toContain('taken over');

    const node = `127.0.0.1:${first.port}`;
    const refused = await world.run(`redis://${node}`);
    expect(refused.errorLines).toEqual([expect.stringContaining(`is a node of a cluster: write cluster://${node}`)]);
    expect(refused.summary).toMatchObject({ exitCode: 7, listed: 0 });
  });

  it('with a range of slots that nobody serves is refused, and the range named', async () => {
    const cluster = await Cluster.forTest(work, { masters: 2, hasReplicas: false, slotsUpTo: 16_000 });
    const result = await world.run(cluster.url);
    expect(result.errorLines).toEqual([expect.stringMatching(/no server for the slots 16000-16383: assign them/)]);
    expect(result.summary).toMatchObject({ exitCode: 7, listed: 0 });
    expect(await cluster.size()).toBe(0);
  });

  it.skipIf(!hasOpenssl || !hasTls())(
    'is reached by TLS and as an ACL user, and only by a trusted certificate',
    async () => {
      const pem = makeCertificates(work);
      const tls = ['--tls-cert-file', pem.serverCert, '--tls-key-file', pem.serverKey, '--tls-ca-cert-file', pem.ca];
      const rules = 'on >fake-mover ~session:* +set +get +select +info +cluster|slots';
      const cluster = await Cluster.forTest(work, {
        hasReplicas: false,
        portOption: '--tls-port',
        nodeOptions: [
          ...tls,
          '--tls-cluster',
          'yes',
          '--tls-auth-clients',
          'no',
          '--user',
          'mover',
          ...rules.split(' '),
        ],
      });
      const url = cluster.url.replace('cluster://', 'clusters://mover:fake-mover@');
      const refused = await world.run(url);
      expect(refused.errorLines).toEqual([expect.stringMatching(/certificate is not trusted/)]);
      expect(refused.summary).toMatchObject({ exitCode: 8, listed: 0 });
      const result = await world.run(url, ['--tls-ca', pem.ca]);
      expect(result.summary, result.stderr).toMatchObject({ exitCode: 0, outcomes: { written: world.sessions } });
      expect(await cluster.size()).toBe(world.sessions);
    },
  );
});
