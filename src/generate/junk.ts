import { mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { pathOf } from '../source/layout.js';
import type { OdooSeries } from '../source/odoo-series.js';
import type { GenerateOptions } from './generate.js';
import { fakeSid } from './random.js';

/** Counted on from here, so that junk never has the id of a session. */
const FIRST_JUNK_INDEX = 2 ** 40;
const HUGE_BYTES = 16 * 2 ** 20;

type Junk = (root: string, sid: string, series: OdooSeries, path: string) => string;

/** What real session directories hold besides sessions; each makes one entry and returns its path. */
const KINDS: readonly Junk[] = [
  (root, sid, series) => file(`${root}/tmp${sid.slice(0, 8)}${series.tempSuffix}`, '{"db": "shop", "ui'),
  (_root, _sid, _series, path) => file(path, ''),
  (_root, _sid, _series, path) => file(path, '{"db": "shop", "uid": 7, "login": "user7@example.com", "context": {"la'),
  // A pickle that would run a command: GLOBAL os.system, a string, TUPLE1, REDUCE, STOP.
  (_root, _sid, _series, path) => file(path, '\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.'),
  (root, sid) => file(`${root}/werkzeug_${sid.slice(0, 40)}_${'0'.repeat(32)}.file`, 'an upload'),
  (root, sid) => file(`${root}/.nfs${sid.slice(0, 16)}`, 'deleted while open'),
  (root, sid) => file(`${root}/README-${sid.slice(0, 8)}.txt`, 'hands off'),
  (_root, _sid, _series, path) => {
    symlinkSync('/nowhere', path);
    return '';
  },
  (_root, _sid, _series, path) => {
    file(path, '');
    truncateSync(path, HUGE_BYTES);
    return path;
  },
];

/** Adds `options.junk` entries, each kind in turn; yields between them. */
export function* leaveJunk(options: GenerateOptions, random: () => number): Generator<void, void> {
  for (let i = 0; i < options.junk; i++) {
    const series = options.series[i % options.series.length] as OdooSeries;
    const sid = fakeSid(series.sids, options.seed, FIRST_JUNK_INDEX + i);
    const path = `${options.directory}/${pathOf(sid, series.layout)}`;
    if (series.layout === 'hashed') mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
    const make = KINDS[i % KINDS.length] as Junk;
    const made = make(options.directory, sid, series, path);
    const savedSeconds = options.nowMs / 1000 - random() * 86_400;
    if (made !== '') utimesSync(made, savedSeconds, savedSeconds);
    yield;
  }
}

function file(path: string, content: string): string {
  writeFileSync(path, content, 'latin1');
  return path;
}
