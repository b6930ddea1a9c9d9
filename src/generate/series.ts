import { type OdooSeries, SERIES, seriesWord } from '../source/odoo-series.js';

/** A data directory that was kept through upgrades, in the end by an Odoo 19: every layout, format and Python. */
export const MIXED = ['10', '13', '15', '16', '17', '19'];

export function seriesNamed(name: string): OdooSeries[] {
  const wanted = name === 'mixed' ? MIXED : [seriesWord(name)];
  return SERIES.filter((series) => wanted.includes(series.name));
}
