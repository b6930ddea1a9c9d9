import fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { prepareDirectory } from '../../src/export/directory.js';
import { OpenedStore } from '../../src/export/opened-store.js';
import { AtomicPlacer } from '../../src/export/place.js';
import { countSessionFiles, SessionFiles } from '../../src/export/session-files.js';
import { RejectList } from '../../src/report/lists.js';
import { LogFile } from '../../src/report/logger.js';
import { Metrics } from '../../src/report/metrics.js';
import { ReportFile } from '../../src/report/report-file.js';
import { isThere } from '../../src/system/errno.js';
import { prepareStateDirectory } from '../../src/system/own-files.js';
import { FailingCalls } from '../support/failing-calls.js';
import { fileEncoderFor, flat, hashed, hex40, NOW, ODOO } from '../support/samples.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

vi.mock('../../src/report/html/page.js', () => ({ renderPage: () => '<html>' }));

const root = temporaryDirectory();
const calls = new FailingCalls(root);
afterAll(() => calls.restore());

/** Only root gives files away, to itself as well. */
const OWNER = process.geteuid?.() === 0 ? { uid: 0, gid: 0 } : null;

let fresh = 0;
const place = () => join(root, `${++fresh}`);

const NOTE = { source: 0, path: 'x', fingerprint: '', outcome: 'malformed', reason: 'r', offset: -1 } as const;

const WORKS: Record<string, () => Promise<void> | void> = {
  'a state directory': () => prepareStateDirectory(place()),
  'the list of rejects': () => {
    const list = new RejectList(place(), ['/store']);
    list.add(NOTE);
    list.close();
  },
  'a log': () => {
    const log = new LogFile(place(), () => {});
    log.write('line\n');
    log.reopen();
    log.write('line\n');
  },
  metrics: async () => {
    const title = { command: 'migrate', source: '/store', isDryRun: false, shard: '' };
    const metrics = await Metrics.open(title, { file: `${place()}.prom`, listen: null });
    await metrics.failed(0);
    await metrics.close();
  },
  'a report': async () => {
    const warnings: string[] = [];
    await new ReportFile(place()).writeOrWarn(() => ({}) as never, { exitCode: 0 }, warnings);
  },
  'an export into a new directory': () => exportInto(place()),
  'an export into a store': () => {
    const directory = place();
    fs.mkdirSync(join(directory, hex40(1).slice(0, 2)), { recursive: true });
    for (const path of [flat(hex40(1)), hashed(hex40(1))]) fs.writeFileSync(join(directory, path), 'old');
    exportInto(directory);
  },
  'whether something is there': () => {
    isThere(place());
  },
};

function exportInto(path: string): void {
  const directory = prepareDirectory(path, { owner: OWNER, application: ODOO, force: false, isDryRun: false });
  const store = new OpenedStore(directory.root, directory.isAbsent);
  try {
    for (const encoder of ['15', '17'].map((odoo) => fileEncoderFor(odoo))) {
      const placer = new AtomicPlacer(directory, encoder.tempSuffix, store);
      const files = new SessionFiles(directory.root, encoder, placer, 1000, store);
      for (const n of [1, 2]) files.settle(hex40(n), Buffer.from('new'), { ms: NOW, certainty: 'exact', slackMs: 0 });
      countSessionFiles(directory.root, encoder, ODOO);
    }
  } finally {
    store.close();
  }
}

it.each(Object.keys(WORKS))('%s that the system fails is told in a sentence, whichever call it is', async (name) => {
  expect(await calls.storm(WORKS[name] as () => void, 3)).toBeGreaterThan(0);
});
