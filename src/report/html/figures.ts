import { type Bars, type Figure, formatIn, type Histogram, type Lines, type Unit } from '../section.js';
import { roundEnd, type Tick, ticksOf } from './axes.js';
import { escapeHtml, type Html } from './markup.js';

/** One drawing for screens and paper, one for phones: text in an SVG shrinks with the SVG. */
const WIDTHS = { wide: 720, narrow: 340 } as const;
const HEIGHT = 250;
const BAR_HEIGHT = 28;
/** The least room for the label of a tick. */
const TICK_PIXELS = 58;
/** The mean width of a character in a name. */
const CHARACTER_PIXELS = 6.7;
const VALUE_TICKS = 4;

/** A figure as SVG in two widths, of which the page shows the one that fits. */
export function renderFigure(figure: Figure): Html {
  const name = `role="img" aria-label="${escapeHtml(figure.title)}"`;
  return (Object.keys(WIDTHS) as (keyof typeof WIDTHS)[])
    .map((width) => `<div class="${width}" ${name}>${draw(figure, WIDTHS[width])}</div>`)
    .join('');
}

function draw(figure: Figure, width: number): Html {
  switch (figure.kind) {
    case 'bars':
      return drawBars(figure, width);
    case 'histogram':
      return drawHistogram(figure, width);
    case 'lines':
      return drawLines(figure, width);
  }
}

function svg(width: number, height: number, parts: readonly Html[]): Html {
  return (
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true" ` +
    `fill="currentColor" font-size="12">${parts.join('')}</svg>`
  );
}

type Anchor = 'start' | 'middle' | 'end';

function text(x: number, y: number, content: string, anchor: Anchor = 'start', kind = ''): Html {
  const attributes = `${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}${kind === '' ? '' : ` class="${kind}"`}`;
  return `<text x="${pixels(x)}" y="${pixels(y)}"${attributes}>${escapeHtml(content)}</text>`;
}

function rect(x: number, y: number, width: number, height: number, rest: string, title = ''): Html {
  const shape = `x="${pixels(x)}" y="${pixels(y)}" width="${pixels(width)}" height="${pixels(height)}" ${rest}`;
  return title === '' ? `<rect ${shape}/>` : `<rect ${shape}><title>${escapeHtml(title)}</title></rect>`;
}

function line(x1: number, y1: number, x2: number, y2: number, kind: string): Html {
  return `<path class="${kind}" d="M${pixels(x1)} ${pixels(y1)}L${pixels(x2)} ${pixels(y2)}"/>`;
}

/** With one digit behind the point, which no eye can tell from more. */
function pixels(length: number): string {
  return String(Math.round(length * 10) / 10);
}

/** The largest first. */
function drawBars({ bars, unit, axis }: Bars, width: number): Html {
  const sorted = [...bars].sort((a, b) => b.value - a.value);
  const longest = Math.max(...bars.map(({ name }) => name.length), 1);
  const most = Math.max(...bars.map(({ value }) => value), 1);
  const left = Math.min(longest * CHARACTER_PIXELS + 24, width * 0.42);
  const room = width - left - 80;
  const top = 22;
  const fitting = Math.floor((left - 8) / CHARACTER_PIXELS);
  const parts = sorted.flatMap(({ name, value, tone }, i) => {
    const y = top + i * BAR_HEIGHT;
    const length = value === 0 ? 0 : Math.max(1.5, (value / most) * room);
    const shown = name.length > fitting ? `${name.slice(0, Math.max(1, fitting - 1))}…` : name;
    return [
      text(left - 8, y + BAR_HEIGHT / 2 + 4, shown, 'end'),
      rect(
        left,
        y + 4,
        length,
        BAR_HEIGHT - 8,
        `rx="2" fill="var(--${tone ?? 'accent'})"`,
        `${name}: ${formatIn(unit, value)}`,
      ),
      text(left + length + 6, y + BAR_HEIGHT / 2 + 4, formatIn(unit, value)),
    ];
  });
  return svg(width, top + bars.length * BAR_HEIGHT + 6, [text(left, 13, axis, 'start', 'axis'), ...parts]);
}

/** The room of a chart between its axes, and how values become pixels in it. */
interface Frame {
  x: (value: number) => number;
  y: (value: number) => number;
  /** Grid, ticks and the names of both axes. */
  parts: Html[];
}

interface Axis {
  unit: Unit;
  name: string;
  from: number;
  to: number;
}

function frameOf(across: Axis, up: Axis, width: number): Frame {
  const edges = { left: up.unit === 'bytes' ? 66 : 50, right: 22, top: 30, bottom: across.unit === 'moment' ? 58 : 44 };
  const [right, bottom] = [width - edges.right, HEIGHT - edges.bottom];
  const x = (value: number) =>
    edges.left + ((value - across.from) / Math.max(across.to - across.from, Number.EPSILON)) * (right - edges.left);
  const y = (value: number) =>
    bottom - ((value - up.from) / Math.max(up.to - up.from, Number.EPSILON)) * (bottom - edges.top);
  const grid = ticksOf(up.unit, up.from, up.to, VALUE_TICKS).flatMap(({ at, label }) => [
    line(edges.left, y(at), right, y(at), at === 0 ? 'base' : 'grid'),
    text(edges.left - 8, y(at) + 4, label.join(' '), 'end'),
  ]);
  const most = Math.floor((right - edges.left) / (across.unit === 'moment' ? TICK_PIXELS * 0.75 : TICK_PIXELS));
  const marks = ticksOf(across.unit, across.from, across.to, most).flatMap(({ at, label }: Tick) => [
    line(x(at), bottom, x(at), bottom + 5, 'base'),
    ...label.map((part, i) => text(x(at), bottom + 18 + i * 14, part, 'middle')),
  ]);
  const names = [
    text(0, 13, up.name, 'start', 'axis'),
    text((edges.left + right) / 2, HEIGHT - 6, across.name, 'middle', 'axis'),
  ];
  return { x, y, parts: [...grid, ...marks, ...names] };
}

function drawHistogram({ bins, unit, axis, valueAxis }: Histogram, width: number): Html {
  const most = Math.max(...bins.map(({ count }) => count), 1);
  const across = { unit, name: axis, from: bins[0]?.from ?? 0, to: bins.at(-1)?.to ?? 1 };
  const up = { unit: 'count', name: valueAxis, from: 0, to: roundEnd('count', most, VALUE_TICKS) } as const;
  const { x, y, parts } = frameOf(across, up, width);
  const boxes = bins
    .filter(({ count }) => count > 0)
    .map(({ from, to, count }) => {
      const height = Math.max(1, y(0) - y(count));
      const title = `${formatIn(unit, from)} to ${formatIn(unit, to)}: ${formatIn('count', count)} ${valueAxis}`;
      return rect(
        x(from) + 0.5,
        y(0) - height,
        Math.max(1, x(to) - x(from) - 1),
        height,
        'fill="var(--accent)"',
        title,
      );
    });
  return svg(width, HEIGHT, [...parts, ...boxes]);
}

function drawLines({ lines, axis, unit, valueUnit, valueAxis, shaded = [] }: Lines, width: number): Html {
  const points = lines.flatMap(({ points: of }) => of);
  const isTime = unit === 'ms' || unit === 'hours';
  const xs = points.map(([value]) => value);
  const from = isTime ? 0 : Math.min(...xs);
  const across = { unit, name: axis, from, to: Math.max(...xs, from + 1) };
  const most = Math.max(1, ...points.map(([, value]) => value));
  const up = { unit: valueUnit, name: valueAxis, from: 0, to: roundEnd(valueUnit, most, VALUE_TICKS) };
  const { x, y, parts } = frameOf(across, up, width);
  const bands = shaded.map((range) => {
    const [start, end] = [Math.max(range.from, across.from), Math.min(range.to, across.to)];
    return rect(x(start), y(up.to), Math.max(1, x(end) - x(start)), y(0) - y(up.to), 'class="band"');
  });
  const strokes = lines.map(({ points: of }, i) => {
    const path = of.map(([at, value]) => `${pixels(x(at))} ${pixels(y(value))}`).join('L');
    return `<path d="M${path}" fill="none" stroke="var(--line-${i % 3})" stroke-width="2" stroke-linejoin="round"/>`;
  });
  return svg(width, HEIGHT, [...bands, ...parts, ...strokes]);
}
