/** Numbers as operators write them. Each parser returns NaN for text that is none. */

const DURATIONS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const COUNTS: Readonly<Record<string, number>> = { '': 1, k: 1000, m: 1_000_000, g: 1_000_000_000 };
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
};

function parse(text: string, units: Readonly<Record<string, number>>): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim());
  const unit = match === null ? undefined : units[(match[2] as string).toLowerCase()];
  return unit === undefined ? Number.NaN : Number(match?.[1]) * unit;
}

/** `7d`, `3h`, `1.5m` to milliseconds; a unit is needed. */
export const parseDurationMs = (text: string): number => Math.round(parse(text, DURATIONS));

/** `5k`, `1M`, `250` to a number. */
export const parseCount = (text: string): number => parse(text, COUNTS);

/** The same, and NaN also for a number that is not whole. */
export function parseWholeCount(text: string): number {
  const count = parseCount(text);
  return Number.isInteger(count) ? count : Number.NaN;
}

/** `1MiB`, `64k`, `500b` to bytes; a unit is needed. */
export const parseBytes = (text: string): number => Math.round(parse(text, SIZES));

const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 20000 as `20,000`. */
export const formatCount = (count: number): string => grouped.format(count);

/** `1 file`, `2,000 files`, `0 entries`: a count with its noun, which is given in the singular. */
export function counted(count: number, noun: string): string {
  const plural = /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** Bytes with three figures and a binary unit. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 999.5 ? Math.round(value) : value.toPrecision(3)} ${units[unit]}`;
}

/** Milliseconds as the two largest units that say something: `2 d 3 h`, `41 s`, `0.8 s`. */
export function formatDuration(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}

// Dates and clock times as people write them, by the clock of this machine.
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY_OF_YEAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const ZONE = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' });

/**
 * `28 Nov`.
 * @param ms epoch milliseconds
 */
export function formatDay(ms: number): string {
  return DAY.format(ms);
}

/**
 * `18:04`.
 * @param ms epoch milliseconds
 */
export function formatClock(ms: number): string {
  return CLOCK.format(ms);
}

/**
 * `27 Nov 2026, 18:04`.
 * @param ms epoch milliseconds
 */
export function formatMoment(ms: number): string {
  return `${DAY_OF_YEAR.format(ms)}, ${CLOCK.format(ms)}`;
}

/**
 * The name of the time zone at that moment, `UTC` or `GMT+1`.
 * @param ms epoch milliseconds
 */
export function zoneAt(ms: number): string {
  return ZONE.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? 'local time';
}
