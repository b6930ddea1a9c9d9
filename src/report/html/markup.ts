import { formatBytes } from '../../units.js';
import { formatIn, type Unit } from '../section.js';

/** HTML. Text becomes HTML by {@link escapeHtml}. */
export type Html = string;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as the content of an element or an attribute. Paths and names of databases may contain anything. */
export function escapeHtml(text: string): Html {
  return printable(text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string));
}

/** A text with control characters replaced, which HTML does not allow. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{fffd}');
}

/** A number as the tick of an axis shows it, as short as possible. */
export function tickIn(unit: Unit, value: number): string {
  if (unit === 'count') return compact(value);
  if (unit === 'bytes') return formatBytes(value).replace('.00 ', ' ').replace('.0 ', ' ');
  return value === 0 ? '0' : formatIn(unit, value).replace('.0 s', ' s');
}

function compact(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)} M`;
  if (value >= 1e3) return `${trimmed(value / 1e3)} k`;
  return trimmed(value);
}

function trimmed(value: number): string {
  return String(Math.round(value * 100) / 100);
}
