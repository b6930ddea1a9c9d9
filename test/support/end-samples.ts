import { EXIT } from '../../src/errors.js';
import { type Summary, summarizeFailure } from '../../src/report/summary.js';

export function summaryOf(chosen: Partial<Summary>): Summary {
  const { stopped: _, ...empty } = summarizeFailure('migrate', false, EXIT.complete, '');
  return { ...empty, profile: 'camptocamp', ...chosen };
}
