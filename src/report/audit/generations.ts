import type { Cell, Mark } from '../../lane/census.js';
import type { Layout, SessionFacts, SidKind } from '../../session.js';

/** What tells the generations of Odoo apart. */
export interface Generation {
  layout: Layout;
  format: SessionFacts['format'];
  sids: SidKind;
  mark: Mark;
}

const ODOO: Readonly<Record<string, string>> = {
  'flat pickle hex40': 'Odoo 8 to 15',
  'hashed pickle hex40': 'Odoo 16, 17',
  'hashed json hex40': 'Odoo 17.2 to 17.4',
  'hashed json urlsafe84': 'Odoo 18, 19',
  'hashed json urlsafe84 odoo18': 'Odoo 18',
  'hashed json urlsafe84 odoo19': 'Odoo 19',
  'hashed json urlsafe86': 'after Odoo 19',
  'hashed json urlsafe86 odoo19': 'after Odoo 19',
};

export function generationOf({ layout, format, sids, mark }: Cell): Generation {
  return { layout, format, sids, mark };
}

/** The Odoo series that writes such sessions, in words. */
export function odooOf({ layout, format, sids, mark }: Generation): string {
  return ODOO[`${layout} ${format} ${sids}${mark === '' ? '' : ` ${mark}`}`] ?? 'an upgrade in between';
}
