import { encodeValue, type ReaderEncoding } from '../applications/odoo/encode-value.js';
import { encodeSession, fakeSid, randomFrom, randomPerson } from '../applications/odoo/fake-session.js';
import { pathOf } from '../applications/odoo/layout.js';
import { SessionParser } from '../applications/odoo/parse.js';
import type { OdooSeries } from '../applications/odoo/series.js';
import { ByteSink } from '../python/sink.js';
import { newFacts, resetFacts } from '../session.js';

const MAX_BYTES = 2 ** 20;
/** 2^32 over the golden ratio: spreads neighbouring numbers over all seeds. */
const SPREAD = 0x9e3779b1;

/** Which sessions are made, and for which reader. Crosses threads. */
export interface Recipe {
  series: readonly OdooSeries[];
  database: string;
  seed: number;
  reader: ReaderEncoding;
}

/**
 * Makes the n-th session of a benchmark, always the same for the same recipe, as a file and as the value that a reader
 * finds in Redis. Its fields describe the session made last, and are reused for the next.
 */
export class SessionMaker {
  sid = '';
  /** Below the session directory. */
  path = '';
  savedSeconds = 0;
  readonly #file = new ByteSink(4096, MAX_BYTES);
  readonly #value = new ByteSink(4096, 4 * MAX_BYTES);
  readonly #parser = new SessionParser();
  readonly #facts = newFacts();
  #isFileValue = true;

  /** @param nowMs when the youngest session was saved */
  constructor(
    readonly recipe: Recipe,
    readonly nowMs: number,
  ) {}

  /** The bytes of the file, until the next session is made. */
  get file(): Buffer {
    return this.#file.view();
  }

  /** The bytes of the value, until the next session is made. */
  get value(): Buffer {
    return this.#isFileValue ? this.#file.view() : this.#value.view();
  }

  /** Only name and path. */
  name(index: number): OdooSeries {
    const { series, seed } = this.recipe;
    const own = series[index % series.length] as OdooSeries;
    this.sid = fakeSid(own.sids, seed, index);
    this.path = pathOf(this.sid, own.layout);
    return own;
  }

  make(index: number): void {
    const { database, seed, reader } = this.recipe;
    const series = this.name(index);
    const random = randomFrom(seed + Math.imul(index, SPREAD));
    // Minutes old: none of them dies while the benchmark runs, whatever the reader's lifetimes are.
    this.savedSeconds = Math.floor(this.nowMs / 1000) - Math.floor(random() * 600);
    const person = randomPerson(random, series, [database], this.sid, this.savedSeconds);
    // Every session is one that moves.
    person.deletionSeconds = null;
    person.isReportClone = false;
    this.#file.length = 0;
    this.#value.length = 0;
    encodeSession(series, person, this.#file);

    const file = this.#file.view();
    resetFacts(this.#facts);
    const root = series.protocol === null ? null : this.#parser.parse(file, file.length, this.#facts);
    this.#isFileValue = !encodeValue(reader, file, series.protocol ?? -1, root, this.#value);
  }
}
