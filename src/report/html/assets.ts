/**
 * The page's looks: the system's own letters, one column that a phone can show as well, light or dark as the reader's
 * system is, ink on paper. Every pair of colours has a contrast of 4.5 and more (WCAG 2.1, 1.4.3).
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1d2023; --soft: #5a6169; --rule: #e2dfd9;
  --accent: #3b6ea5; --good: #2a7a4b; --warn: #9a6200; --bad: #b3372e; --neutral: #8a9099;
  --good-wash: #e7f3ec; --warn-wash: #fbf1de; --bad-wash: #fbe9e7; --neutral-wash: #f0efec; --shadow: #0003;
  --line-0: #3b6ea5; --line-1: #7b4fa0; --line-2: #2f7a74;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --card: #1c2024; --ink: #e7e8e9; --soft: #a3abb3; --rule: #30363c;
    --accent: #79aee3; --good: #6fc793; --warn: #e0ad55; --bad: #f0897f; --neutral: #7d858d;
    --good-wash: #1a2c22; --warn-wash: #2f2716; --bad-wash: #341f1d; --neutral-wash: #23282d; --shadow: #000b;
    --line-0: #79aee3; --line-1: #c39be8; --line-2: #6cc5bc;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
main, header, footer { max-width: 50rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3.5rem; }
.eyebrow { margin: 0 0 .75rem; color: var(--soft); font-size: .875rem; letter-spacing: .02em; }
.eyebrow b { color: var(--ink); font-weight: 600; }
.verdict { border-left: 4px solid var(--tone); background: var(--wash); border-radius: 0 8px 8px 0; padding: 1.25rem 1.5rem; }
.verdict h1 { margin: 0; font-size: clamp(1.375rem, 4.5vw, 1.875rem); line-height: 1.25; font-weight: 650; letter-spacing: -.01em; text-wrap: balance; }
.verdict p { margin: .6rem 0 0; }
.good { --tone: var(--good); --wash: var(--good-wash); }
.warn { --tone: var(--warn); --wash: var(--warn-wash); }
.bad { --tone: var(--bad); --wash: var(--bad-wash); }
.neutral { --tone: var(--neutral); --wash: var(--neutral-wash); }
dl { margin: 0; }
.notes { list-style: none; margin: 1.25rem 0 0; padding: 0; font-size: .9375rem; }
.notes li { position: relative; padding: .3rem 0 .3rem 5.25rem; overflow-wrap: anywhere; }
.notes b { position: absolute; left: 0; font-weight: 600; }
code { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--neutral-wash); border-radius: 4px; padding: .05rem .3rem; }
code span { display: inline-block; max-width: 100%; }
.notes .warning b { color: var(--warn); }
.notes .next b { color: var(--accent); }
/* Tiles of the last row share its width: none is empty. */
.facts { display: flex; flex-wrap: wrap; gap: 1px; margin: 1.25rem 0 0;
  background: var(--rule); border: 1px solid var(--rule); border-radius: 8px; overflow: hidden; }
.facts div { flex: 1 1 13rem; background: var(--card); padding: .875rem 1rem; }
.facts dt { color: var(--soft); font-size: .8125rem; }
.facts dd { margin: .125rem 0 0; font-size: 1.5rem; font-weight: 650; letter-spacing: -.01em; line-height: 1.25; }
.facts small { display: block; margin-top: .2rem; color: var(--soft); font-size: .8125rem; font-weight: 400; letter-spacing: 0; line-height: 1.4; }
.facts .warn dd, .facts .bad dd { color: var(--tone); }
.subject { margin-top: 1.25rem; font-size: .875rem; }
.subject div { display: grid; grid-template-columns: 6rem 1fr; gap: .75rem; padding: .2rem 0; }
.subject dt { color: var(--soft); }
.subject dd { margin: 0; overflow-wrap: anywhere; }
section { margin: 3rem 0 0; }
h2 { margin: 0; font-size: 1.125rem; font-weight: 650; letter-spacing: -.005em; }
.lead { margin: .35rem 0 0; color: var(--soft); max-width: 42rem; overflow-wrap: anywhere; }
figure { margin: 1rem 0 0; }
figure svg { display: block; width: 100%; height: auto; overflow: visible; font-family: inherit; }
figure svg .axis { fill: var(--soft); }
figure svg .grid { stroke: var(--rule); }
figure svg .base { stroke: var(--soft); }
figure svg .band { fill: var(--neutral); opacity: .22; }
.narrow { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 .5rem; padding: 0; list-style: none; font-size: .8125rem; color: var(--soft); }
.legend i { display: inline-block; width: 1rem; height: 3px; margin-right: .45rem; vertical-align: middle; border-radius: 2px; background: var(--swatch); }
.legend i.area { height: .75rem; opacity: .35; }
.legend i.block { width: .75rem; height: .75rem; }
details { margin-top: .5rem; font-size: .875rem; }
summary { cursor: pointer; color: var(--soft); padding: .25rem 0; width: fit-content; }
summary:hover { color: var(--ink); }
/* Shadows where the table goes on: covers in the colour of the page move with it and hide them at its ends. */
.scroll { overflow-x: auto; margin-top: .75rem; background:
  linear-gradient(to right, var(--paper) 40%, transparent) left / 2.5rem 100% no-repeat local,
  linear-gradient(to left, var(--paper) 40%, transparent) right / 2.5rem 100% no-repeat local,
  linear-gradient(to right, var(--shadow), transparent) left / .875rem 100% no-repeat scroll,
  linear-gradient(to left, var(--shadow), transparent) right / .875rem 100% no-repeat scroll; }
.swipe { margin: .75rem 0 -.5rem; color: var(--soft); font-size: .8125rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; line-height: 1.4; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: .5rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); font-weight: 400; }
th:first-child { padding-left: 0; }
.long { min-width: 12rem; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); white-space: nowrap; border-bottom-color: var(--soft); padding-top: .25rem; padding-bottom: .35rem; }
.number { text-align: right; white-space: nowrap; }
th button { all: unset; cursor: pointer; font: inherit; }
th button:hover { color: var(--ink); }
th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
th[aria-sort] button { color: var(--ink); font-weight: 600; }
th[aria-sort="ascending"] button::after { content: " \\2191"; }
th[aria-sort="descending"] button::after { content: " \\2193"; }
footer { margin-top: 4rem; margin-bottom: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: .8125rem; }
@media (max-width: 34rem) {
  main, header, footer { padding-left: 1rem; padding-right: 1rem; }
  header { padding-top: 1.75rem; }
  .wide { display: none; }
  .narrow { display: block; }
  .facts div { flex-basis: 9rem; padding: .75rem; }
  .facts dd { font-size: 1.25rem; }
  .subject div { grid-template-columns: 4.5rem 1fr; }
  .notes li { padding-left: 0; }
  .notes b { position: static; display: block; }
  section { margin-top: 2.25rem; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --rule: #ccc; --accent: #3b6ea5;
    --good: #2a7a4b; --warn: #9a6200; --bad: #b3372e; --line-0: #3b6ea5; --line-1: #7b4fa0; --line-2: #2f7a74;
    --good-wash: #fff; --warn-wash: #fff; --bad-wash: #fff; --neutral-wash: #fff; }
  body { font-size: 11pt; }
  header { padding-top: 0; }
  main, header, footer { max-width: none; padding: 0; }
  .scroll { overflow: visible; background: none; }
  .swipe { display: none; }
  h2, .lead { break-after: avoid; }
  tr, figure { break-inside: avoid; }
  .wide { display: block; }
  .narrow, summary { display: none; }
}
`;

/**
 * Says of a table that is wider than the page that it goes on, and sorts it by the column whose title is clicked; the
 * same title again turns it around. Without the script all is there.
 */
export const SCRIPT = `
const showHints = () => {
  for (const table of document.querySelectorAll('.scroll')) {
    table.previousElementSibling.hidden = table.scrollWidth <= table.clientWidth;
  }
};
showHints();
addEventListener('resize', showHints);
for (const folded of document.querySelectorAll('details')) folded.addEventListener('toggle', showHints);
for (const button of document.querySelectorAll('thead button')) {
  button.addEventListener('click', () => {
    const head = button.closest('th');
    const column = head.cellIndex;
    const body = head.closest('table').tBodies[0];
    const isNumber = head.classList.contains('number');
    const was = head.getAttribute('aria-sort');
    const next = was === null ? (isNumber ? 'descending' : 'ascending') : was === 'ascending' ? 'descending' : 'ascending';
    for (const other of head.parentNode.cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', next);
    const keyOf = (row) => isNumber ? Number(row.cells[column].dataset.value ?? -1) : row.cells[column].textContent;
    const compare = (a, b) => isNumber ? keyOf(a) - keyOf(b) : keyOf(a).localeCompare(keyOf(b), 'en', { numeric: true });
    const turn = next === 'ascending' ? 1 : -1;
    body.append(...[...body.rows].sort((a, b) => turn * compare(a, b)));
  });
}
`;
