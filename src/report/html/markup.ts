import { formatBytes, formatCount, formatDuration } from '../../units.js';
import type { Unit } from '../section.js';

/** Markup; what is not yet markup goes through {@link escapeHtml} first. */
export type Html = string;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an element or an attribute. Paths and names of databases may hold anything. */
export function escapeHtml(text: string): Html {
  return printable(text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string));
}

/** Without characters that no page may have. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\u{fffd}');
}

const HOUR_MS = 3_600_000;

/** A quantity as a table shows it. */
export function formatIn(unit: Unit, value: number): string {
  switch (unit) {
    case 'count':
      return formatCount(value);
    case 'bytes':
      return formatBytes(value);
    case 'hours':
      return value === 0 ? '0' : formatDuration(value * HOUR_MS);
    case 'ms':
      return value === 0 ? '0' : formatDuration(value);
  }
}

/** A quantity as it is written at an axis: as short as can be. */
export function tickIn(unit: Unit, value: number): string {
  if (unit === 'count') return compact(value);
  if (unit === 'bytes') return formatBytes(value).replace('.00 ', ' ').replace('.0 ', ' ');
  return formatIn(unit, value).replace('.0 s', ' s');
}

function compact(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)} M`;
  if (value >= 1e3) return `${trimmed(value / 1e3)} k`;
  return trimmed(value);
}

function trimmed(value: number): string {
  return String(Math.round(value * 100) / 100);
}
