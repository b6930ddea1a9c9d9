import type { Layout, SidKind } from '../session.js';

/** How an Odoo series writes its sessions: layout, format, session ids (../../README.md, "What it reads"). */
export interface Series {
  name: string;
  layout: Layout;
  sids: SidKind;
  /** Pickle protocol, or null for JSON. */
  protocol: 2 | 4 | 5 | null;
  /** Python 2: keys are byte strings. */
  isPython2: boolean;
  tempSuffix: string;
}

const flat = (name: string, protocol: 2 | 4 | 5): Series => ({
  name,
  layout: 'flat',
  sids: 'hex40',
  protocol,
  isPython2: protocol === 2,
  tempSuffix: '.__wz_sess',
});

const hashed = (name: string, sids: SidKind, protocol: 5 | null, tempSuffix = '.__wz_sess'): Series => ({
  name,
  layout: 'hashed',
  sids,
  protocol,
  isPython2: false,
  tempSuffix,
});

export const SERIES: readonly Series[] = [
  ...['8', '9', '10'].map((name) => flat(name, 2)),
  ...['11', '12', '13'].map((name) => flat(name, 4)),
  ...['14', '15'].map((name) => flat(name, 5)),
  ...['16', '17'].map((name) => hashed(name, 'hex40', 5)),
  ...['18', '19'].map((name) => hashed(name, 'urlsafe84', null)),
  hashed('master', 'urlsafe86', null, '.__tx_sess__'),
];
