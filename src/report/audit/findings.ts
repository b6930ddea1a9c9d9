import type { AuditWords, ReleaseTraits } from '../../applications/audit-words.js';
import { type Cell, OTHER_DATABASES, SESSION_CLASSES, type SessionClass } from '../../counts/census.js';
import { REMAINING_HOURS, type Statistics } from '../../counts/statistics.js';
import type { RejectKind } from '../../counts/tally.js';
import { type Cliff, cliffOf, type Span, spansOf } from '../../counts/time-histogram.js';
import { escapeBytes, maskSids } from '../../masking.js';
import { codeOf, type Outcome } from '../../session.js';
import type { DirectoryHealth } from '../../source/directories.js';
import type { Capacity } from './capacity.js';

/** Files that nobody needs, and their sizes. A file may be counted under several kinds. */
export interface DeadWeight {
  kind:
    | 'flat-leftovers'
    | 'temp-files'
    | 'over-age'
    | 'anonymous'
    | 'without-content'
    | 'report-clones'
    | 'dead'
    | 'foreign';
  meaning: string;
  files: number;
  bytes: number;
  allocatedBytes: number;
}

/**
 * The files that could be deleted, by kind; only kinds that occur.
 *
 * @param counts entries by outcome
 */
export function deadWeightOf(
  { deadWeight: words }: Pick<AuditWords, 'deadWeight'>,
  statistics: Statistics,
  counts: Partial<Record<Outcome, number>>,
): DeadWeight[] {
  const { cells } = statistics.census;
  const hashed = new Set(cells.filter(({ layout }) => layout === 'hashed').map(({ source }) => source));
  const byOutcome = (kind: DeadWeight['kind'], meaning: string, ...outcomes: Outcome[]): DeadWeight => {
    const sum = (of: Float64Array) => outcomes.reduce((total, outcome) => total + (of[codeOf(outcome)] as number), 0);
    const { bytes, allocatedBytes } = statistics.weights;
    const files = outcomes.reduce((total, outcome) => total + (counts[outcome] ?? 0), 0);
    return { kind, meaning, files, bytes: sum(bytes), allocatedBytes: sum(allocatedBytes) };
  };
  const byCell = (kind: DeadWeight['kind'], meaning: string, isOfKind: (cell: Cell) => boolean): DeadWeight => {
    const weight = { kind, meaning, files: 0, bytes: 0, allocatedBytes: 0 };
    for (const cell of cells.filter(isOfKind)) {
      weight.files += cell.count;
      weight.bytes += cell.sourceBytes;
      weight.allocatedBytes += cell.allocatedBytes;
    }
    return weight;
  };
  return [
    {
      kind: 'over-age' as const,
      meaning: words['over-age'],
      ...statistics.overAge,
    },
    byCell(
      'anonymous',
      'nobody is logged in and no cart is filled: robots, health checks, visitors',
      ({ sessionClass }) => sessionClass === 'anonymous',
    ),
    byCell(
      'without-content',
      'nothing was ever put in them: robots, visitors of one page',
      ({ sessionClass }) => sessionClass === 'without content',
    ),
    byCell('flat-leftovers', words['flat-leftovers'], (cell) => cell.layout === 'flat' && hashed.has(cell.source)),
    byOutcome('dead', 'ids, or flat files behind hashed ones, that the reader never looks at', 'dead'),
    byCell('report-clones', words['report-clones'], (cell) => cell.sessionClass === 'report-clone'),
    byOutcome('temp-files', words['temp-files'], 'temp-file'),
    byOutcome('foreign', 'no sessions at all', 'foreign', 'empty'),
  ].filter(({ files }) => files > 0);
}

function generationOf({ layout, format, sids, mark }: Cell): ReleaseTraits {
  return { layout, format, sids, mark };
}

/** Sessions and their sizes, summed over cells of the census. */
export interface Sum {
  sessions: number;
  logins: number;
  moving: number;
  /** The size of the files, and that of their file system blocks. */
  sourceBytes: number;
  allocatedBytes: number;
  /** The size of the values that move. */
  valueBytes: number;
}

/** The sums of cells with an equal key, the largest first. */
function sumBy<K extends object>(cells: readonly Cell[], keyOf: (cell: Cell) => K): (K & Sum)[] {
  const sums = new Map<string, K & Sum>();
  for (const cell of cells) {
    const key = keyOf(cell);
    const name = JSON.stringify(key);
    let sum = sums.get(name);
    if (sum === undefined) {
      sum = { ...key, sessions: 0, logins: 0, moving: 0, sourceBytes: 0, allocatedBytes: 0, valueBytes: 0 };
      sums.set(name, sum);
    }
    addTo(sum, cell);
  }
  return [...sums.values()].sort((a, b) => b.sessions - a.sessions);
}

function addTo(sum: Sum, cell: Cell): void {
  sum.sessions += cell.count;
  if (cell.sessionClass === 'login') sum.logins += cell.count;
  sum.moving += cell.moving;
  sum.sourceBytes += cell.sourceBytes;
  sum.allocatedBytes += cell.allocatedBytes;
  sum.valueBytes += cell.valueBytes;
}

/** The most databases that are listed by name. */
const NAMED_DATABASES = 20;

/** The result of an audit as data: its report and its lines of JSON are made from this alone. */
export interface AuditFindings {
  /** What is said of the application. */
  words: AuditWords;
  sources: (Sum & { source: string })[];
  generations: (Sum & ReleaseTraits & { writtenBy: string })[];
  /** Names are fit to be shown; null stands for sessions without a database. */
  databases: (Sum & { database: string | null })[];
  /** The sum of databases that are not listed by name, or null; `databases` is null if their number is unknown. */
  otherDatabases: (Sum & { databases: number | null }) | null;
  classes: (Sum & { sessionClass: SessionClass })[];
  ages: Span[];
  expiries: Span[];
  cliff: Cliff | null;
  deadWeight: DeadWeight[];
  /** Why files cannot be moved, the most frequent reason first. */
  rejects: readonly RejectKind[];
  directories: DirectoryHealth[];
  capacity: Capacity;
}

/** @param counts entries by outcome */
export function auditFindingsOf(
  words: AuditWords,
  statistics: Statistics,
  counts: Partial<Record<Outcome, number>>,
  sources: readonly string[],
  directories: DirectoryHealth[],
  capacity: Capacity,
  rejects: readonly RejectKind[] = [],
): AuditFindings {
  const { cells } = statistics.census;
  const databases = databasesOf(cells);
  return {
    words,
    sources: sumBy(cells, ({ source }) => ({ source: sources[source] as string })),
    generations: sumBy(cells, generationOf).map((sum) => ({ ...sum, writtenBy: words.writtenBy(sum) })),
    databases: databases.named,
    otherDatabases: databases.others,
    classes: sumBy(cells, ({ sessionClass }) => ({ sessionClass })).sort(
      (a, b) => placeOf(a.sessionClass) - placeOf(b.sessionClass),
    ),
    ages: spansOf(statistics.ages),
    expiries: spansOf(statistics.expiries),
    cliff: cliffOf(statistics.expiries, words.lifetimeMs),
    deadWeight: deadWeightOf(words, statistics, counts),
    rejects,
    directories,
    capacity,
  };
}

/** The classes that every application may have in their order, those of a template behind them. */
function placeOf(sessionClass: SessionClass): number {
  const place = (SESSION_CLASSES as readonly string[]).indexOf(sessionClass);
  return place < 0 ? SESSION_CLASSES.length : place;
}

/** The databases by name, and the sum of the others. Names come from session files and may contain anything. */
function databasesOf(cells: readonly Cell[]): {
  named: AuditFindings['databases'];
  others: AuditFindings['otherDatabases'];
} {
  const all = sumBy(cells, ({ database }) => ({ database }));
  const listed = all.filter(({ database }) => database !== OTHER_DATABASES);
  const named = listed.slice(0, NAMED_DATABASES).map((sum) => ({ ...sum, database: shownName(sum.database) }));
  const rest = new Set(listed.slice(NAMED_DATABASES).map(({ database }) => database));
  const isUncounted = listed.length < all.length;
  if (isUncounted) rest.add(OTHER_DATABASES);
  if (rest.size === 0) return { named, others: null };
  const databases = isUncounted ? null : rest.size;
  const [others] = sumBy(
    cells.filter(({ database }) => rest.has(database)),
    () => ({ databases }),
  );
  return { named, others: others ?? null };
}

function shownName(database: string | null): string | null {
  return database === null ? null : maskSids(escapeBytes(database));
}

/** The findings as lines of `--json`, `{"type":"audit","section":...}`: one per row of a table. */
export function auditLines(findings: AuditFindings): object[] {
  const { otherDatabases, cliff } = findings;
  const sections: Readonly<Record<string, readonly object[]>> = {
    source: findings.sources,
    generation: findings.generations,
    class: findings.classes,
    database: findings.databases,
    'other-databases': otherDatabases === null ? [] : [otherDatabases],
    age: findings.ages,
    expiry: findings.expiries,
    'expiry-cliff': cliff === null ? [] : [cliff],
    'dead-weight': findings.deadWeight,
    directory: findings.directories,
    capacity: [findings.capacity],
  };
  return Object.entries(sections).flatMap(([section, rows]) => rows.map((row) => ({ type: 'audit', section, ...row })));
}

/** The lines of `--json` of type `shape` and `remaining`: sessions by generation, and by the time they have left. */
export function shapeLines(findings: AuditFindings, { remaining }: Pick<Statistics, 'remaining'>): object[] {
  const shapes = findings.generations.map((row) => {
    const { writtenBy, layout, format, sids, sessions, logins, moving, valueBytes, sourceBytes } = row;
    const kind = { type: 'shape', writtenBy, layout, format, sids };
    return { ...kind, count: sessions, authenticated: logins, moving, valueBytes, sourceBytes };
  });
  const left = REMAINING_HOURS.map((hours, i) => ({
    type: 'remaining',
    upToHours: hours === Number.POSITIVE_INFINITY ? null : hours,
    sessions: remaining[i],
  }));
  return [...shapes, ...left];
}
