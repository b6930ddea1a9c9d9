import { createHash } from 'node:crypto';
import { EXIT_MEANINGS } from '../../errors.js';
import { formatMoment, zoneAt } from '../../units.js';
import { recordMarkup } from '../last-report.js';
import { type Figure, type LabelledValue, type Note, noteSentence, type RunReport, type Section } from '../section.js';
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
  const moment = `${formatMoment(startedMs)} ${zoneAt(startedMs)}`;
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
${report.record === undefined ? '' : recordMarkup(report.record)}
<title>${escapeHtml(`sess2redis ${command}: ${verdict.headline}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="eyebrow"><b>sess2redis ${escapeHtml(command)}</b> &middot; <time datetime="${started}">${escapeHtml(moment)}</time></p>
<div class="verdict ${verdict.tone}"><h1>${escapeHtml(verdict.headline)}</h1>
${[...verdict.sentences, ...end].map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n')}</div>
${renderPairs('facts', facts)}
${renderNotes(notes)}
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
    (note) => `<li class="${note.kind}"><b>${NOTE_TITLES[note.kind]}</b> ${renderNote(note)}</li>`,
  );
  return `<ul class="notes">${items.join('')}</ul>`;
}

/** A sentence, with the command in it as code. */
function renderNote(note: Note): Html {
  const { command = [], after = '' } = note;
  if (command.length === 0) return escapeHtml(note.text);
  const sentence = noteSentence(note);
  const line = command.join(' ');
  const before = sentence.slice(0, sentence.length - after.length - line.length);
  const words = command.map((word) => `<span>${escapeHtml(word)}</span>`).join(' ');
  return `${escapeHtml(before)}<code>${words}</code>${escapeHtml(after)}`;
}

function renderPairs(name: string, pairs: readonly LabelledValue[]): Html {
  if (pairs.length === 0) return '';
  const items = pairs.map(
    ({ label, value, note, tone }) =>
      `<div${tone === undefined ? '' : ` class="${tone}"`}><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}` +
      `${note === undefined ? '' : `<small>${escapeHtml(note)}</small>`}</dd></div>`,
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
  if (figure.kind === 'bars' && (figure.legend ?? []).length > 1) {
    const tones = (figure.legend ?? []).map(({ name, tone }) => swatch(name, tone, 'block'));
    return `<ul class="legend">${tones.join('')}</ul>`;
  }
  if (figure.kind !== 'lines') return '';
  const isShaded = (figure.shaded ?? []).length > 0;
  if (figure.lines.length < 2 && !isShaded) return '';
  const lines = figure.lines.map(({ name }, i) => swatch(name, `line-${i % 3}`, ''));
  const shaded = swatch(figure.shadedName ?? '', 'neutral', 'area');
  return `<ul class="legend">${lines.join('')}${isShaded ? shaded : ''}</ul>`;
}

function swatch(name: string, colour: string, kind: string): Html {
  return `<li><i${kind === '' ? '' : ` class="${kind}"`} style="--swatch: var(--${colour})"></i>${escapeHtml(name)}</li>`;
}
