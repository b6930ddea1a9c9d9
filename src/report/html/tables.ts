import type { Figure, Table, Unit } from '../section.js';
import { escapeHtml, formatIn, type Html } from './markup.js';

/** A table whose columns sort by a click on their title. `caption` is for those who hear it. */
export function renderTable({ columns, rows }: Table, caption: string): Html {
  const heads = columns.map(
    ({ title, unit }) =>
      `<th scope="col"${unit === undefined ? '' : ' class="number"'}>${title === '' ? '' : `<button type="button">${escapeHtml(title)}</button>`}</th>`,
  );
  const body = rows.map((row) => `<tr>${row.map((cell, i) => renderCell(cell, columns[i]?.unit, i)).join('')}</tr>`);
  const name = escapeHtml(caption);
  return (
    `<div class="scroll" role="region" aria-label="${name}" tabindex="0"><table><caption>${name}</caption>` +
    `<thead><tr>${heads.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>`
  );
}

function renderCell(cell: string | number | null, unit: Unit | undefined, column: number): Html {
  const [open, close] = column === 0 ? ['<th scope="row"', '</th>'] : ['<td', '</td>'];
  if (unit !== undefined && typeof cell === 'number') {
    return `${open} class="number" data-value="${cell}">${escapeHtml(formatIn(unit, cell))}${close}`;
  }
  const text = String(cell ?? '–');
  const kind = unit !== undefined ? ' class="number"' : text.length > LONG_TEXT ? ' class="long"' : '';
  return `${open}${kind}>${escapeHtml(text)}${close}`;
}

/** The numbers that a picture shows. */
export function tableOf(figure: Figure): Table {
  switch (figure.kind) {
    case 'bars':
      return {
        columns: [{ title: 'What' }, { title: 'How much', unit: figure.unit }],
        rows: figure.bars.map(({ name, value }) => [name, value]),
      };
    case 'histogram':
      return {
        columns: [
          { title: 'From', unit: figure.unit },
          { title: 'To', unit: figure.unit },
          { title: 'Sessions', unit: 'count' },
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

/** Text that needs room before it may wrap. */
const LONG_TEXT = 20;

/** Rows that a table of a line is readable with. */
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
