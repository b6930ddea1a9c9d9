import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MetricsGauges } from '../../src/report/metrics-outlets.js';
import { isOnPath } from '../support/on-path.js';

const ALERTS = fileURLToPath(new URL('../../examples/prometheus/sess2redis-alerts.yml', import.meta.url));
const TESTS = fileURLToPath(new URL('alerts.promtool.yml', import.meta.url));
const DASHBOARD = fileURLToPath(new URL('../../examples/prometheus/sess2redis-dashboard.json', import.meta.url));
const title = { command: 'sync', source: '/s', isDryRun: false, shard: '' };
const known = new MetricsGauges(title).registry.getMetricsAsArray().map(({ name }) => name);
const namesIn = (text: string) => new Set([...text.matchAll(/\b(sess2redis_\w+)/g)].map(([, name]) => name as string));
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
    const asked = namesIn(text);
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

interface Panel {
  id: number;
  type: string;
  title: string;
  description: string;
  datasource: { type: string; uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { refId: string; expr: string; legendFormat: string }[];
}

interface Dashboard {
  uid: string;
  title: string;
  schemaVersion: number;
  templating: { list: { name: string }[] };
  panels: Panel[];
}

describe('the dashboard', () => {
  const text = readFileSync(DASHBOARD, 'utf8');
  const { uid, title: name, schemaVersion, templating, panels } = JSON.parse(text) as Dashboard;
  const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  it('is one that Grafana can import: an identity, panels of kinds that it has, and variables that are declared', () => {
    expect([uid, name]).toEqual(['sess2redis', 'sess2redis']);
    expect(schemaVersion).toBeGreaterThan(30);
    const declared = templating.list.map((each) => each.name);
    const used = new Set([...text.matchAll(/\$\{?(\w+)/g)].map(([, variable]) => variable));
    expect([...used].sort()).toEqual(declared.sort());
    for (const { type, title, description, datasource, targets } of panels) {
      expect(['stat', 'timeseries']).toContain(type);
      expect(
        [title, description].every((each) => each !== ''),
        title,
      ).toBe(true);
      expect(datasource.type).toBe('prometheus');
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  it('has panels that do not overlap, within the 24 columns', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, n) => `${x + (n % w)}/${y + Math.floor(n / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('asks for metrics that there are', () => {
    for (const asked of namesIn(text)) expect(known, asked).toContain(asked);
    for (const expression of expressions) expect(namesIn(expression).size, expression).toBeGreaterThan(0);
  });

  it.skipIf(!isOnPath('promtool'))('has expressions that Prometheus can read', () => {
    const rules = expressions.map((expr, n) => ({ record: `panel:${n}`, expr: expr.replaceAll('$source', '.*') }));
    const path = join(mkdtempSync(join(tmpdir(), 'sess2redis-dashboard-')), 'rules.json');
    writeFileSync(path, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    const { status, stdout, stderr } = promtool('check', 'rules', path);
    rmSync(dirname(path), { recursive: true });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});
