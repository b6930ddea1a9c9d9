import { formatBytes, formatCount, formatDuration } from '../../quantities.js';
import type { Unit } from './model.js';

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
