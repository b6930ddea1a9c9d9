import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MetricsGauges } from '../../src/report/metrics-outlets.js';
import { isOnPath } from '../support/on-path.js';

const ALERTS = fileURLToPath(new URL('../../examples/prometheus/sess2redis-alerts.yml', import.meta.url));
const TESTS = fileURLToPath(new URL('alerts.promtool.yml', import.meta.url));
const promtool = (...words: string[]) => spawnSync('promtool', words, { encoding: 'utf8' });

describe.skipIf(!isOnPath('promtool'))('the alerts, for promtool', () => {
  it('are sound', () => {
    const { status, stdout, stderr } = promtool('check', 'rules', ALERTS);
    expect(status, `${stdout}${stderr}`).toBe(0);
  });

  it('fire on what they are about, and on nothing else', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', TESTS);
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});

describe('the alerts', () => {
  const text = readFileSync(ALERTS, 'utf8');

  it('ask for metrics that there are', () => {
    const title = { command: 'sync', source: '/s', isDryRun: false, shard: '' };
    const known = new MetricsGauges(title).registry.getMetricsAsArray().map(({ name }) => name);
    const asked = new Set([...text.matchAll(/\b(sess2redis_\w+)/g)].map(([, name]) => name as string));
    expect(asked.size).toBeGreaterThan(4);
    for (const name of asked) expect(known, name).toContain(name);
  });

  it('are each tried out', () => {
    const tests = readFileSync(TESTS, 'utf8');
    const names = [...text.matchAll(/alert: (\w+)/g)].map(([, name]) => name as string);
    expect(names.length).toBeGreaterThan(4);
    for (const name of names) expect(tests).toMatch(new RegExp(`alertname: ${name}\\n(.*\\n){1,2}.*exp_alerts:\\n`));
  });
});
