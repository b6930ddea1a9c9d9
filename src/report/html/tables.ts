import { capitalised, type Figure, formatIn, type Table, type TableCell, type Unit } from '../section.js';
import { escapeHtml, type Html } from './markup.js';

/**
 * A table that can be sorted by a click on a column's title.
 *
 * @param caption its name, for screen readers
 */
export function renderTable({ columns, rows }: Table, caption: string): Html {
  const shown = columns.map((column, at) => ({ ...column, at })).filter(({ only }) => only !== 'text');
  const heads = shown.map(
    ({ title, unit }) =>
      `<th scope="col"${unit === undefined ? '' : ' class="number"'}>${title === '' ? '' : `<button type="button">${escapeHtml(title)}</button>`}</th>`,
  );
  const body = rows.map((row) => `<tr>${shown.map(({ at, unit }, i) => renderCell(row[at], unit, i)).join('')}</tr>`);
  const name = escapeHtml(caption);
  return (
    `<p class="swipe" hidden>The table goes on to the right: swipe or scroll.</p>` +
    `<div class="scroll" role="region" aria-label="${name}" tabindex="0"><table><caption>${name}</caption>` +
    `<thead><tr>${heads.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
  );
}

/** A longer text gets a minimum width before it wraps. */
const LONG_TEXT = 20;

function renderCell(cell: TableCell | undefined, unit: Unit | undefined, column: number): Html {
  const [open, close] = column === 0 ? ['<th scope="row"', '</th>'] : ['<td', '</td>'];
  if (unit !== undefined && typeof cell === 'number') {
    return `${open} class="number" data-value="${cell}">${escapeHtml(formatIn(unit, cell))}${close}`;
  }
  const text = textOf(cell ?? null);
  const kind = unit !== undefined ? ' class="number"' : text.length > LONG_TEXT ? ' class="long"' : '';
  return `${open}${kind}>${escapeHtml(text)}${close}`;
}

function textOf(cell: TableCell): string {
  if (typeof cell !== 'object') return String(cell);
  if (cell === null) return NOTHING;
  return 'text' in cell ? cell.text : (cell.examples[0] ?? NOTHING);
}

const NOTHING = '–';

/** The numbers behind a figure, as a table. */
export function tableOf(figure: Figure): Table {
  switch (figure.kind) {
    case 'bars':
      return {
        columns: [{ title: 'What' }, { title: 'How much', unit: figure.unit }],
        rows: [...figure.bars].sort((a, b) => b.value - a.value).map(({ name, value }) => [name, value]),
      };
    case 'histogram':
      return {
        columns: [
          { title: 'From', unit: figure.unit },
          { title: 'To', unit: figure.unit },
          { title: capitalised(figure.valueAxis), unit: 'count' },
        ],
        rows: figure.bins.filter(({ count }) => count > 0).map(({ from, to, count }) => [from, to, count]),
      };
    case 'lines':
      return {
        columns: [
          { title: figure.axis, unit: figure.unit },
          ...figure.lines.map(({ name }) => ({ title: name, unit: figure.valueUnit })),
        ],
        rows: rowsOf(figure.lines),
      };
  }
}

/** With more rows nobody reads the table of a line chart. */
const MOST_ROWS = 40;

function rowsOf(lines: readonly { points: readonly (readonly [number, number])[] }[]): (number | null)[][] {
  const first = lines[0]?.points ?? [];
  const step = Math.max(1, Math.ceil(first.length / MOST_ROWS));
  const rows: (number | null)[][] = [];
  first.forEach(([x], i) => {
    if (i % step === 0 || i === first.length - 1) rows.push([x, ...lines.map(({ points }) => points[i]?.[1] ?? null)]);
  });
  return rows;
}
