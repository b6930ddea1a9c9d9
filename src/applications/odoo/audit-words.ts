import type { SessionFacts } from '../../session.js';
import { formatCount } from '../../units.js';
import type { AuditWords, ReleaseTraits } from '../audit-words.js';
import { type SidKind, sidLength } from './sid-kinds.js';

/** By layout, format, kind of id and mark. */
const WRITERS: Readonly<Record<string, string>> = {
  'flat pickle hex40': 'Odoo 8 to 15',
  'hashed pickle hex40': 'Odoo 16, 17',
  'hashed json hex40': 'Odoo 17.2 to 17.4',
  'hashed json urlsafe84': 'Odoo 18, 19',
  'hashed json urlsafe84 odoo18': 'Odoo 18',
  'hashed json urlsafe84 odoo19': 'Odoo 19',
  'hashed json urlsafe86': 'after Odoo 19',
  'hashed json urlsafe86 odoo19': 'after Odoo 19',
};

/** Odoo deletes files that were last saved longer ago (odoo/odoo odoo/http.py, SESSION_LIFETIME), with any reader. */
export const COLLECTED_AFTER_MS = 7 * 86_400_000;

/** Members that only some series write: `_trace` without `create_time` (18.0), `create_time` (19.0 and later). */
export function markOf(facts: Pick<SessionFacts, 'hasTrace' | 'hasCreateTime'>, kind: string | null): string {
  if (facts.hasCreateTime) return 'odoo19';
  return facts.hasTrace && kind === 'urlsafe84' ? 'odoo18' : '';
}

/** The Odoo series that write such sessions. */
function writtenBy({ layout, format, sids, mark }: ReleaseTraits): string {
  return WRITERS[`${layout} ${format} ${sids}${mark === '' ? '' : ` ${mark}`}`] ?? 'an upgrade in between';
}

export const ODOO_AUDIT: AuditWords = {
  generations: 'Generations of Odoo',
  generation: 'Odoo',
  deadWeight: {
    'over-age': 'not saved for a week: Odoo collects them if its autovacuum runs',
    'flat-leftovers': 'flat files beside hashed ones: Odoo 16 and later never collect them',
    'report-clones': 'logins that a PDF report left behind: Odoo never collects them early',
    'temp-files': 'saves that Odoo never finished',
  },
  writtenBy,
  describe(generation) {
    const { layout, format, sids } = generation;
    const ids = sids === 'hex40' ? '40 hex' : `${sidLength(sids as SidKind)} chars`;
    return `${writtenBy(generation)} (${layout}, ${format}, ${ids})`;
  },
  sidLength: (kind) => sidLength(kind as SidKind),
  warningsOfIds(cells) {
    const countOf = (some: typeof cells) => some.reduce((sum, cell) => sum + cell.moving, 0);
    const short = countOf(cells.filter(({ sids }) => sids === 'hex40'));
    const all = countOf(cells);
    if (short === 0 || short === all) return [];
    const longer = cells.some(({ sids, moving }) => sids === 'urlsafe86' && moving > 0) ? '84,86' : '84';
    return [
      `the store holds 40-character ids beside longer ones (${formatCount(short)} of ${formatCount(all)} that move, ` +
        `${Math.round((short / all) * 100)} %): Odoo 18 and later never accept the short ones, and older ones never the long; ` +
        `if no older Odoo uses this store, --sids ${longer} leaves them behind`,
    ];
  },
};
