import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type Bars, type Figure, formatIn, type Histogram, type Lines } from '../section.js';
import { escapeHtml, type Html, printable, tickIn } from './markup.js';

/** One drawing for screens and paper, one for phones: text in an SVG shrinks with the SVG. */
const WIDTHS = { wide: 720, narrow: 340 } as const;
const FONT_PIXELS = 12;
const HEIGHT = 240;
const BAR_HEIGHT = 30;
/** The least room for the label of a tick. */
const MIN_TICK_PIXELS = 56;
/** The mean width of a character in a name. */
const CHARACTER_PIXELS = 6.7;

const { document } = parseHTML('<!doctype html><html lang="en"><body></body></html>');

/** A figure as SVG in two widths, of which the page shows the one that fits. */
export function renderFigure(figure: Figure): Html {
  // The name is an attribute of the element around the SVG: linkedom does not escape every `<` in attributes.
  const name = `role="img" aria-label="${escapeHtml(figure.title)}"`;
  return (Object.keys(WIDTHS) as (keyof typeof WIDTHS)[])
    .map((width) => `<div class="${width}" ${name}>${draw(figure, WIDTHS[width])}</div>`)
    .join('');
}

function draw(figure: Figure, width: number): Html {
  const options = optionsFor(figure, width);
  const svg = Plot.plot({ document, width, ...options } as Plot.PlotOptions) as unknown as Element;
  // The page has the style rules once for all figures; the parts of a figure have no names of their own.
  svg.querySelector('style')?.remove();
  for (const part of svg.querySelectorAll('g')) {
    for (const attribute of ['aria-label', 'aria-description', 'aria-hidden']) part.removeAttribute(attribute);
  }
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('font-size', String(FONT_PIXELS));
  svg.removeAttribute('class');
  return printable(svg.outerHTML);
}

/** The part of the DOM in use here; the program is compiled without the types of browsers. */
interface Element {
  outerHTML: string;
  querySelector(selector: string): { remove(): void } | null;
  querySelectorAll(selector: string): Iterable<Element>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
}

function optionsFor(figure: Figure, width: number): Plot.PlotOptions {
  switch (figure.kind) {
    case 'bars':
      return barOptions(figure, width);
    case 'histogram':
      return histogramOptions(figure, width);
    case 'lines':
      return lineOptions(figure, width);
  }
}

function barOptions({ bars, unit }: Bars, width: number): Plot.PlotOptions {
  const longest = Math.max(...bars.map(({ name }) => name.length), 1);
  const most = Math.max(...bars.map(({ value }) => value), 1);
  return {
    height: bars.length * BAR_HEIGHT + 16,
    marginLeft: Math.min(longest * CHARACTER_PIXELS + 12, width * 0.42),
    marginRight: 76,
    marginTop: 4,
    marginBottom: 12,
    x: { axis: null, domain: [0, most] },
    y: { label: null, domain: bars.map(({ name }) => name), tickSize: 0, padding: 0.28 },
    marks: [
      Plot.barX(bars, {
        x: 'value',
        y: 'name',
        fill: (bar: Bars['bars'][number]) => `var(--${bar.tone ?? 'accent'})`,
        rx: 2,
        title: (bar: Bars['bars'][number]) => `${bar.name}: ${formatIn(unit, bar.value)}`,
      }),
      Plot.text(bars, {
        x: 'value',
        y: 'name',
        text: (bar: Bars['bars'][number]) => formatIn(unit, bar.value),
        textAnchor: 'start',
        dx: 6,
      }),
    ],
    color: { type: 'identity' },
  };
}

function histogramOptions({ bins, scale, unit, axis }: Histogram, width: number): Plot.PlotOptions {
  type Bin = Histogram['bins'][number];
  const isDoubling = scale === 'doubling';
  return {
    height: HEIGHT,
    marginLeft: 48,
    marginBottom: 40,
    marginTop: 24,
    x: {
      label: axis,
      labelAnchor: 'center',
      labelArrow: 'none',
      type: isDoubling ? 'log' : 'linear',
      ...(isDoubling && { base: 2 }),
      ticks: evenTicks(bins, width, isDoubling),
      tickFormat: (value: number) => tickIn(unit, value),
    },
    y: {
      label: 'sessions',
      labelArrow: 'none',
      grid: true,
      ticks: 4,
      tickFormat: (value: number) => tickIn('count', value),
    },
    marks: [
      Plot.rectY(bins, {
        x1: 'from',
        x2: 'to',
        y: 'count',
        inset: 0.5,
        fill: 'var(--accent)',
        title: (bin: Bin) =>
          `${formatIn(unit, bin.from)} to ${formatIn(unit, bin.to)}: ${formatIn('count', bin.count)} sessions`,
      }),
      Plot.ruleY([0]),
    ],
  } as Plot.PlotOptions;
}

/** The bounds of bins that get a label, as many as this width has room for. */
function evenTicks(bins: Histogram['bins'], width: number, isDoubling: boolean): number[] {
  const bounds = [...bins.map(({ from }) => from), bins.at(-1)?.to ?? 0];
  if (isDoubling) {
    const doublings = bounds.filter((bound) => Number.isInteger(Math.log2(bound)));
    return bounds.length * MIN_TICK_PIXELS <= width ? bounds : doublings;
  }
  const last = bounds.at(-1) as number;
  const steps = [1, 2, 6, 12, 24, 48, 96, 168].filter((step) => (last / step) * MIN_TICK_PIXELS <= width);
  const step = steps[0] ?? last;
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);
}

/** Powers of two and their multiples, from 0 to the first one that is not below `most` bytes. */
function byteTicks(most: number): number[] {
  const step = 2 ** Math.ceil(Math.log2(most / 4));
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

function lineOptions({ lines, axis, unit, valueUnit, shaded = [] }: Lines, width: number): Plot.PlotOptions {
  const points = lines.flatMap(({ name, points: of }, i) => of.map(([x, y]) => ({ x, y, name, line: i })));
  const isTime = unit === 'ms' || unit === 'hours';
  return {
    height: HEIGHT,
    marginLeft: 64,
    marginBottom: 40,
    marginTop: 24,
    marginRight: 24,
    x: {
      label: axis,
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: Math.max(2, Math.floor(width / 110)),
      tickFormat: (value: number) => tickIn(unit, value),
      ...(isTime && { domain: [0, Math.max(1, ...points.map(({ x }) => x))] }),
    },
    y: {
      label: null,
      grid: true,
      zero: true,
      ...(valueUnit === 'bytes'
        ? { ticks: byteTicks(Math.max(1, ...points.map(({ y }) => y))) }
        : { nice: true, ticks: 4 }),
      tickFormat: (value: number) => tickIn(valueUnit, value),
    },
    marks: [
      Plot.rectX(shaded, { x1: 'from', x2: 'to', fill: 'var(--warn)', fillOpacity: 0.18 }),
      Plot.lineY(points, {
        x: 'x',
        y: 'y',
        z: 'line',
        strokeWidth: 2,
        stroke: ({ line }: { line: number }) => `var(--line-${line % 3})`,
      }),
      Plot.ruleY([0]),
    ],
    color: { type: 'identity' },
  } as Plot.PlotOptions;
}
