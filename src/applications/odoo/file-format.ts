import { quote } from '../../errors.js';
import type { Layout } from '../../session.js';
import { SERIES, seriesWord } from './series.js';
import type { SidKind } from './sid-kinds.js';

/** The files that one Odoo series reads. */
export interface FileFormat {
  /** As `--odoo` names it. */
  odoo: string;
  layout: Layout;
  /** Session ids that this Odoo accepts; it answers any other with a new session and never looks at the file. */
  sids: readonly SidKind[];
  /** The pickle protocol to write, which every Python of the series loads, or null for JSON. */
  protocol: 2 | 4 | 5 | null;
  /** The lowest protocol whose bytes this Odoo loads as they are; Infinity where all are pickled anew. */
  oldestVerbatimProtocol: number;
  /**
   * Whether it takes a session for empty that names any class but set, datetime, date and time (odoo/tools/misc.py).
   */
  isRestricted: boolean;
  /** Up to Odoo 15 the web client remembers actions in a dict whose keys are ints. */
  hasSavedActions: boolean;
  tempSuffix: string;
}

/** Odoo 16 still runs on Python 3.7, which knows no protocol 5 (odoo/setup.py, python_requires). */
const PROTOCOL_5_FROM = 17;
const RESTRICTED_FROM = 17;
const SAVED_ACTIONS_UNTIL = 15;

/** What `--odoo` can be, the oldest first. */
export const FILE_FORMATS: readonly FileFormat[] = SERIES.map(
  ({ name, layout, sids, inherited, protocol, tempSuffix }) => {
    const number = Number(name);
    return {
      odoo: name,
      layout,
      // Odoo 20 takes {84,86}: ids of 84 characters live on (odoo/http/session.py).
      sids: inherited === undefined ? [sids] : [inherited, sids],
      protocol: protocol === 5 && number < PROTOCOL_5_FROM ? 4 : protocol,
      oldestVerbatimProtocol: oldestVerbatim(number, protocol),
      isRestricted: protocol !== null && number >= RESTRICTED_FROM,
      hasSavedActions: number <= SAVED_ACTIONS_UNTIL,
      tempSuffix,
    };
  },
);

/**
 * Python 2 loads all that it may have written. Python 3 fails on Python 2's dates and on text that is not ASCII; a
 * restricted reader gets nothing that was not looked through.
 */
function oldestVerbatim(number: number, protocol: number | null): number {
  if (protocol === 2) return 0;
  return number >= RESTRICTED_FROM ? Number.POSITIVE_INFINITY : 3;
}

/** The format of `17`, of `17.0`, or of `master`. */
export function fileFormatOf(odoo: string): FileFormat | undefined {
  return FILE_FORMATS.find((format) => format.odoo === seriesWord(odoo));
}

/** What is wrong with the word for the Odoo that will read the files, a sentence; null where nothing is. */
export function fileFormatFault(odoo: string | undefined): string | null {
  if (odoo !== undefined && fileFormatOf(odoo) !== undefined) return null;
  const what = odoo === undefined ? 'missing' : quote(odoo);
  return `--odoo is ${what}: name the Odoo that will read the files: ${FILE_FORMATS.map((format) => format.odoo).join(', ')}`;
}
