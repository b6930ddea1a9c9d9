import type { KeyTemplate, ValueEncoding } from '../profiles/profile.js';
import { formatCount } from '../quantities.js';
import type { Finding } from './finding.js';

/** The reader that a run writes for. */
export interface ChosenReader {
  database: number;
  key: KeyTemplate;
  encoding: ValueEncoding;
}

/** Keys of another kind are no sign of anything below this number. */
const ENOUGH_KEYS = 3;

/**
 * The warning that Odoo seems to read other keys than a run is going to write, or null: where no session is in Redis
 * yet, or some are just as this run would write them.
 */
export function contradictionOf(findings: readonly Finding[], chosen: ChosenReader): string | null {
  const live = findings.filter(({ keys, confidence }) => keys >= ENOUGH_KEYS && confidence !== 'possible');
  const isPickle = chosen.encoding === 'pickle';
  const template = `${chosen.key.before}{sid}${chosen.key.after}`;
  const agrees = (finding: Finding) =>
    finding.database === chosen.database &&
    finding.keyTemplate === template &&
    (chosen.encoding === 'verbatim' || isPickle === (finding.encoding === 'pickle'));
  const other = live[0];
  if (other === undefined || live.some(agrees)) return null;
  const { database, keyTemplate, encoding, keys, options } = other;
  return (
    `database ${database} holds some ${formatCount(keys)} sessions as ${keyTemplate} (${encoding}), but this run writes ${template} ` +
    `(${isPickle ? 'pickle' : chosen.encoding}) in database ${chosen.database}: if Odoo made those, it will not find these; ` +
    `${options.join(' ')} and database ${database} would match`
  );
}
