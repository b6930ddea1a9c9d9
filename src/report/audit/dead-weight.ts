import type { Cell } from '../../lane/census.js';
import type { Statistics } from '../../lane/statistics.js';
import { codeOf, type Outcome } from '../../session.js';

/** Files that nobody needs, and what they take. A file may be dead weight in more than one way. */
export interface DeadWeight {
  kind: 'flat-leftovers' | 'temp-files' | 'over-age' | 'anonymous' | 'report-clones' | 'dead' | 'foreign';
  meaning: string;
  files: number;
  bytes: number;
  allocatedBytes: number;
}

/** What of a store could go, only the kinds that occur. @param counts entries by outcome */
export function deadWeightOf(statistics: Statistics, counts: Partial<Record<Outcome, number>>): DeadWeight[] {
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
      meaning: 'not saved for a week: Odoo collects them if its autovacuum runs',
      ...statistics.overAge,
    },
    byCell(
      'anonymous',
      'nobody is logged in and no cart is filled: robots, health checks, visitors',
      ({ sessionClass }) => sessionClass === 'anonymous',
    ),
    byCell(
      'flat-leftovers',
      'flat files beside hashed ones: Odoo 16 and later never collect them',
      (cell) => cell.layout === 'flat' && hashed.has(cell.source),
    ),
    byOutcome('dead', 'ids, or flat files behind hashed ones, that the reader never looks at', 'dead'),
    byCell(
      'report-clones',
      'logins that a PDF report left behind: Odoo never collects them early',
      (cell) => cell.sessionClass === 'report-clone',
    ),
    byOutcome('temp-files', 'saves that Odoo never finished', 'temp-file'),
    byOutcome('foreign', 'no sessions at all', 'foreign', 'empty'),
  ].filter(({ files }) => files > 0);
}
