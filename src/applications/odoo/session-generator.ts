import { ByteSink } from '../../python/sink.js';
import type { GenerationSettings, JunkEntry, SessionGenerator } from '../session-generator.js';
import { encodeSession, fakeSid, randomPerson } from './fake-session.js';
import { pathOf } from './layout.js';
import { ODOO_STORE } from './odoo.js';
import type { OdooSeries } from './series.js';

/** Which sessions of Odoo are made up. */
export interface OdooGeneration {
  /** In turn. */
  series: readonly OdooSeries[];
  databases: readonly string[];
}

/** A store that nobody cleaned for a day: Odoo's own collection stops at seven. */
const OLDEST_MS = 8 * 86_400_000;
/** One in so many has an id of the series before, where that lives on. */
const SESSIONS_PER_INHERITED = 4;
const MAX_BYTES = 2 ** 20;

/** Makes up sessions of Odoo: layouts and formats of the series in turn. */
export class OdooGenerator implements SessionGenerator {
  sid = '';
  path = '';
  readonly mode = ODOO_STORE.mode;
  readonly oldestMs = OLDEST_MS;
  readonly #sink = new ByteSink(4096, MAX_BYTES);

  constructor(
    readonly generation: OdooGeneration,
    readonly settings: GenerationSettings,
  ) {}

  get file(): Buffer {
    return this.#sink.view();
  }

  titleOf(index: number): string {
    return `Odoo ${this.#seriesOf(index).name}`;
  }

  name(index: number): void {
    const { sids, inherited, layout } = this.#seriesOf(index);
    const isInherited = !this.settings.movesAll && index % SESSIONS_PER_INHERITED === 0;
    this.sid = fakeSid(isInherited ? (inherited ?? sids) : sids, this.settings.seed, index);
    this.path = pathOf(this.sid, layout);
  }

  make(index: number, savedMs: number, random: () => number): void {
    this.name(index);
    const series = this.#seriesOf(index);
    const person = randomPerson(random, series, this.generation.databases, this.sid, savedMs / 1000);
    if (this.settings.movesAll) {
      person.deletionSeconds = null;
      person.isReportClone = false;
    }
    this.#sink.length = 0;
    encodeSession(series, person, this.#sink);
  }

  junk(index: number): JunkEntry {
    const series = this.#seriesOf(index);
    const sid = fakeSid(series.sids, this.settings.seed, FIRST_JUNK_INDEX + index);
    const kind = JUNK[index % JUNK.length] as (typeof JUNK)[number];
    return kind(sid, series, pathOf(sid, series.layout));
  }

  #seriesOf(index: number): OdooSeries {
    const { series } = this.generation;
    return series[index % series.length] as OdooSeries;
  }
}

/** Counted on from here, so that junk never has the id of a session. */
const FIRST_JUNK_INDEX = 2 ** 40;
const HUGE_BYTES = 16 * 2 ** 20;

/** What real session directories hold besides sessions. */
const JUNK: readonly ((sid: string, series: OdooSeries, path: string) => JunkEntry)[] = [
  (sid, { tempSuffix }) => ({ path: `tmp${sid.slice(0, 8)}${tempSuffix}`, content: '{"db": "shop", "ui' }),
  (_sid, _series, path) => ({ path, content: '' }),
  (_sid, _series, path) => ({
    path,
    content: '{"db": "shop", "uid": 7, "login": "user7@example.com", "context": {"la',
  }),
  // A pickle that would run a command: GLOBAL os.system, a string, TUPLE1, REDUCE, STOP.
  (_sid, _series, path) => ({ path, content: '\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.' }),
  (sid) => ({ path: `werkzeug_${sid.slice(0, 40)}_${'0'.repeat(32)}.file`, content: 'an upload' }),
  (sid) => ({ path: `.nfs${sid.slice(0, 16)}`, content: 'deleted while open' }),
  (sid) => ({ path: `README-${sid.slice(0, 8)}.txt`, content: 'hands off' }),
  (_sid, _series, path) => ({ path, content: '', linkTo: '/nowhere' }),
  (_sid, _series, path) => ({ path, content: '', size: HUGE_BYTES }),
];
