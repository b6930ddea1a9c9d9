import type { Layout, SessionFacts } from '../session.js';

/** Whose session it is; every session is in exactly one class. A template has words of its own for them. */
export const SESSION_CLASSES = ['login', 'anonymous', 'cart', 'report-clone', 'rotated'] as const;
export type SessionClass = string;

/** More than a template can name. */
const MAX_CLASSES = 32;

/** More than there are formats of session files, kinds of ids, or marks of an application. */
const MAX_WORDS = 16;

/** Databases that are counted separately; a store with more names is damaged or hostile. */
const MAX_DATABASES = 1000;
/** The longest name that PostgreSQL allows, in bytes. */
const LONGEST_NAME = 63;

/** Stands for all databases that are not counted separately. */
export const OTHER_DATABASES = '\0others';

/** The sessions that audit cannot tell apart: how many there are and how much room they take. */
export interface Cell {
  source: number;
  layout: Layout;
  format: SessionFacts['format'];
  /** The kind of the ids; null where the application has only one. */
  sids: string | null;
  /** See `Application.markOf`. */
  mark: string;
  sessionClass: SessionClass;
  /** Null for sessions without one. */
  database: string | null;
  count: number;
  sourceBytes: number;
  /** The size of the file system blocks of the files. */
  allocatedBytes: number;
  /** Sessions that move, and the bytes of their values in Redis. */
  moving: number;
  valueBytes: number;
}

/**
 * Counts parsed sessions by source, generation, class and database at the same time, so that every table of an
 * audit is a sum over the same cells. A session costs two look-ups by number; there are few cells, however large the
 * store is.
 */
export class Census {
  readonly cells: Cell[] = [];
  readonly #byCode = new Map<number, Cell>();
  readonly #formats: string[] = [];
  readonly #classes: string[] = [...SESSION_CLASSES];
  readonly #kinds: (string | null)[] = [];
  readonly #marks: string[] = [];
  readonly #databases = new Map<string | null, number>();
  #lastName: string | null | undefined;
  #lastDatabase = 0;

  /** Counts a parsed session, whether it moves or not, and returns its cell. */
  add(
    source: number,
    layout: Layout,
    sids: string | null,
    mark: string,
    facts: SessionFacts,
    sourceBytes: number,
    allocatedBytes: number,
  ): Cell {
    const sessionClass = facts.className === '' ? classNumberOf(facts) : numberOf(facts.className, this.#classes);
    const cell = this.#cell(source, layout, facts.format, sids, mark, sessionClass, facts.db);
    cell.count++;
    cell.sourceBytes += sourceBytes;
    cell.allocatedBytes += allocatedBytes;
    return cell;
  }

  /** Adds the cells of another lane. */
  merge(cells: readonly Cell[]): void {
    for (const theirs of cells) {
      const { source, layout, format, sids, mark, sessionClass, database } = theirs;
      const ours = this.#cell(source, layout, format, sids, mark, numberOf(sessionClass, this.#classes), database);
      ours.count += theirs.count;
      ours.sourceBytes += theirs.sourceBytes;
      ours.allocatedBytes += theirs.allocatedBytes;
      ours.moving += theirs.moving;
      ours.valueBytes += theirs.valueBytes;
    }
  }

  #cell(
    source: number,
    layout: Layout,
    format: SessionFacts['format'],
    sids: string | null,
    mark: string,
    sessionClass: number,
    name: string | null,
  ): Cell {
    let code = source * 2 + (layout === 'flat' ? 0 : 1);
    code = code * MAX_WORDS + numberOf(format, this.#formats);
    code = code * MAX_WORDS + numberOf(sids, this.#kinds);
    code = code * MAX_WORDS + numberOf(mark, this.#marks);
    code = code * MAX_CLASSES + sessionClass;
    code = code * (MAX_DATABASES + 1) + this.#databaseOf(name);
    const known = this.#byCode.get(code);
    if (known !== undefined) return known;
    const cell: Cell = {
      source,
      layout,
      format,
      sids,
      mark,
      sessionClass: this.#classes[sessionClass] as SessionClass,
      database: this.#databaseOf(name) === MAX_DATABASES ? OTHER_DATABASES : name,
      count: 0,
      sourceBytes: 0,
      allocatedBytes: 0,
      moving: 0,
      valueBytes: 0,
    };
    this.cells.push(cell);
    this.#byCode.set(code, cell);
    return cell;
  }

  /** The number of a database, `MAX_DATABASES` for those that are not counted separately. */
  #databaseOf(name: string | null): number {
    if (name === this.#lastName) return this.#lastDatabase;
    let database = this.#databases.get(name);
    if (database === undefined) {
      const isName = name === null || (name.length <= LONGEST_NAME && name !== OTHER_DATABASES);
      const isOther = !isName || this.#databases.size >= MAX_DATABASES;
      database = isOther ? MAX_DATABASES : this.#databases.size;
      if (!isOther) this.#databases.set(name, database);
    }
    this.#lastName = name;
    this.#lastDatabase = database;
    return database;
  }
}

/** The place of a word among those met so far. */
function numberOf<T>(word: T, met: T[]): number {
  const known = met.indexOf(word);
  return known < 0 ? met.push(word) - 1 : known;
}

/** An index of {@link SESSION_CLASSES}. */
function classNumberOf(facts: SessionFacts): number {
  if (facts.isReportClone) return 3;
  if (!Number.isNaN(facts.deletionTimeSeconds)) return 4;
  if (facts.isAuthenticated) return 0;
  return facts.hasCart ? 2 : 1;
}
