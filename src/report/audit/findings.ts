import { escapeBytes, maskSids } from '../../fingerprint.js';
import { type Cell, OTHER_DATABASES, SESSION_CLASSES, type SessionClass } from '../../lane/census.js';
import type { Statistics } from '../../lane/statistics.js';
import type { Outcome } from '../../session.js';
import type { DirectoryHealth } from '../../source/directories.js';
import type { RejectKind } from '../reject-kinds.js';
import type { Capacity } from './capacity.js';
import { type DeadWeight, deadWeightOf } from './dead-weight.js';
import { type Generation, generationOf, odooOf } from './generations.js';
import { type Cliff, cliffOf, type Span, spansOf } from './spans.js';
import { type Sum, sumBy } from './sums.js';

/** Databases that are listed by name; the others are summed up. */
const NAMED_DATABASES = 20;

/** Everything that an audit has to say, as plain data: text, JSON and HTML are made from this and from nothing else. */
export interface AuditFindings {
  sources: (Sum & { source: string })[];
  generations: (Sum & Generation & { writtenBy: string })[];
  /** Names fit to be shown; null for sessions without one. */
  databases: (Sum & { database: string | null })[];
  /** Databases that are not listed by name, summed up; null where there are none. */
  otherDatabases: (Sum & { databases: number | null }) | null;
  classes: (Sum & { sessionClass: SessionClass })[];
  ages: Span[];
  expiries: Span[];
  cliff: Cliff | null;
  deadWeight: DeadWeight[];
  /** Why files could not be moved, the most frequent first. */
  rejects: readonly RejectKind[];
  directories: DirectoryHealth[];
  capacity: Capacity;
}

/** @param counts entries by outcome */
export function auditFindingsOf(
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
    sources: sumBy(cells, ({ source }) => ({ source: sources[source] as string })),
    generations: sumBy(cells, generationOf).map((sum) => ({ ...sum, writtenBy: odooOf(sum) })),
    databases: databases.named,
    otherDatabases: databases.others,
    classes: sumBy(cells, ({ sessionClass }) => ({ sessionClass })).sort(
      (a, b) => SESSION_CLASSES.indexOf(a.sessionClass) - SESSION_CLASSES.indexOf(b.sessionClass),
    ),
    ages: spansOf(statistics.ages),
    expiries: spansOf(statistics.expiries),
    cliff: cliffOf(statistics.expiries),
    deadWeight: deadWeightOf(statistics, counts),
    rejects,
    directories,
    capacity,
  };
}

/** The names come from session files, and may hold anything. */
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
