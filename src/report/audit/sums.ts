import type { Cell } from '../../lane/census.js';

/** Sessions and their weight, summed over cells of the census. */
export interface Sum {
  sessions: number;
  logins: number;
  moving: number;
  /** Apparent size of the files, and what their blocks take. */
  sourceBytes: number;
  allocatedBytes: number;
  /** Of the values that move. */
  valueBytes: number;
}

/** Sums cells that agree in `keyOf`, the largest sum first. */
export function sumBy<K extends object>(cells: readonly Cell[], keyOf: (cell: Cell) => K): (K & Sum)[] {
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
