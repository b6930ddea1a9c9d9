/** Sorts a table by the column whose title is clicked; the same title again turns it around. Without it all is there. */
export const SCRIPT = `
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
