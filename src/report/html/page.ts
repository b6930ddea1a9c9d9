import { createHash } from 'node:crypto';
import { EXIT_MEANINGS } from '../../errors.js';
import type { Figure, LabelledValue, Note, RunReport, Section } from '../section.js';
import { SCRIPT, STYLE } from './assets.js';
import { renderFigure } from './figures.js';
import { escapeHtml, type Html } from './markup.js';
import { renderTable, tableOf } from './tables.js';

const NOTE_TITLES: Readonly<Record<Note['kind'], string>> = { warning: 'Warning', next: 'Next' };

/** A report as one HTML page that loads nothing: no script, font or image from elsewhere. */
export function renderPage(report: RunReport): Html {
  const { command, verdict, notes, facts, subject, sections, startedMs, exitCode } = report;
  const end = exitCode === undefined ? [] : [`Exit code ${exitCode}: ${EXIT_MEANINGS[exitCode]}.`];
  const started = new Date(startedMs).toISOString();
  const moment = `${started.slice(0, 10)} ${started.slice(11, 16)} UTC`;
  // Keeps the page from fetching anything, even if some text in it were taken for markup by mistake.
  const digest = createHash('sha256').update(SCRIPT).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(`sess2redis ${command}: ${verdict.headline}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="eyebrow"><b>sess2redis ${escapeHtml(command)}</b> &middot; <time datetime="${started}">${moment}</time></p>
<div class="verdict ${verdict.tone}"><h1>${escapeHtml(verdict.headline)}</h1>
${[...verdict.sentences, ...end].map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n')}</div>
${renderNotes(notes)}
${renderPairs('facts', facts)}
${renderPairs('subject', subject)}
</header>
<main>
${sections
  .filter(({ only }) => only !== 'text')
  .map(renderSection)
  .join('\n')}
</main>
<footer>Written by sess2redis. Session ids are cut short or replaced by fingerprints: nobody can log in with what is in this file.</footer>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function renderNotes(notes: readonly Note[]): Html {
  if (notes.length === 0) return '';
  const items = notes.map(
    ({ kind, text }) => `<li class="${kind}"><b>${NOTE_TITLES[kind]}</b> ${escapeHtml(text)}</li>`,
  );
  return `<ul class="notes">${items.join('')}</ul>`;
}

function renderPairs(name: string, pairs: readonly LabelledValue[]): Html {
  if (pairs.length === 0) return '';
  const items = pairs.map(
    ({ label, value }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`,
  );
  return `<dl class="${name}">${items.join('')}</dl>`;
}

function renderSection({ title, lead, figure, table }: Section): Html {
  const parts = [`<h2>${escapeHtml(title)}</h2>`];
  if (lead !== undefined) parts.push(`<p class="lead">${escapeHtml(lead)}</p>`);
  if (figure !== undefined) {
    parts.push(`<figure>${renderLegend(figure)}${renderFigure(figure)}</figure>`);
    const numbers = renderTable(tableOf(figure), `${title}: the numbers`);
    // The section's own table holds these numbers and more.
    if (table === undefined) parts.push(`<details><summary>The numbers</summary>${numbers}</details>`);
  }
  if (table !== undefined) parts.push(renderTable(table, title));
  return `<section>${parts.join('\n')}</section>`;
}

/** The names of what only colours tell apart. */
function renderLegend(figure: Figure): Html {
  if (figure.kind !== 'lines') return '';
  const isShaded = (figure.shaded ?? []).length > 0;
  if (figure.lines.length < 2 && !isShaded) return '';
  const lines = figure.lines.map(
    ({ name }, i) => `<li><i style="--swatch: var(--line-${i % 3})"></i>${escapeHtml(name)}</li>`,
  );
  const shaded = `<li><i class="area" style="--swatch: var(--warn)"></i>${escapeHtml(figure.shadedName ?? '')}</li>`;
  return `<ul class="legend">${lines.join('')}${isShaded ? shaded : ''}</ul>`;
}
