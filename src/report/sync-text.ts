import { formatDuration } from '../quantities.js';
import type { Summary } from './summary.js';

/** What became of copies whose sessions ended. */
export const DELETE_MEANINGS: Readonly<Record<string, string>> = {
  deleted: 'their sessions ended, and so did the copies',
  kept: "Odoo wrote the key since: Odoo's word wins",
  absent: 'the copy was gone already',
};

export function renderFreeze({ freezeEstimateMs }: Summary): string {
  if (freezeEstimateMs === null || freezeEstimateMs === undefined) return '';
  return `\n  the freeze (sync --final) will take ${formatDuration(freezeEstimateMs)} at most, by the last passes`;
}
