import type { Layout } from '../../session.js';
import type { SidKind } from './sid-kinds.js';

/** How an Odoo series writes its sessions: layout, format, session ids (docs/odoo.md). */
export interface OdooSeries {
  name: string;
  layout: Layout;
  sids: SidKind;
  /** Ids that the series before it made, and that live on in it. */
  inherited?: SidKind;
  /** Pickle protocol, or null for JSON. */
  protocol: 2 | 4 | 5 | null;
  /** Python 2: keys are byte strings. */
  isPython2: boolean;
  tempSuffix: string;
}

const flat = (name: string, protocol: 2 | 4 | 5): OdooSeries => ({
  name,
  layout: 'flat',
  sids: 'hex40',
  protocol,
  isPython2: protocol === 2,
  tempSuffix: '.__wz_sess',
});

const hashed = (name: string, sids: SidKind, protocol: 5 | null, tempSuffix = '.__wz_sess'): OdooSeries => ({
  name,
  layout: 'hashed',
  sids,
  protocol,
  isPython2: false,
  tempSuffix,
});

export const SERIES: readonly OdooSeries[] = [
  ...['8', '9', '10'].map((name) => flat(name, 2)),
  ...['11', '12', '13'].map((name) => flat(name, 4)),
  ...['14', '15'].map((name) => flat(name, 5)),
  ...['16', '17'].map((name) => hashed(name, 'hex40', 5)),
  ...['18', '19'].map((name) => hashed(name, 'urlsafe84', null)),
  { ...hashed('20', 'urlsafe86', null, '.__tx_sess__'), inherited: 'urlsafe84' },
];

/** What Odoo 20 was called before its release. */
const MASTER = 'master';

/** A series by the word that `--odoo` takes for it: `17`, `17.0`, or `master` for the newest. */
export function seriesWord(word: string): string {
  return word === MASTER ? (SERIES.at(-1)?.name as string) : word.replace(/\.0$/, '');
}

/** A data directory that was kept through upgrades, in the end by an Odoo 19: every layout, format and Python. */
export const MIXED = ['10', '13', '15', '16', '17', '19'];

export function seriesNamed(name: string): OdooSeries[] {
  const wanted = name === 'mixed' ? MIXED : [seriesWord(name)];
  return SERIES.filter((series) => wanted.includes(series.name));
}
