// A terminal as lines of styled text, and a picture of it. Knows what sess2redis writes: colours, and a line that is
// erased and drawn again.

const COLUMNS = 80;
const [CHARACTER, LINE, EDGE] = [8.43, 19, 18];
/** Ink, paper and the colours of SGR codes, chosen for contrast on each paper. */
const COLOURS = {
  light: {
    paper: '#ffffff',
    edge: '#d9d6d0',
    ink: '#1d2023',
    2: '#5a6169',
    31: '#b3372e',
    32: '#2a7a4b',
    33: '#8a5800',
  },
  dark: {
    paper: '#15181b',
    edge: '#30363c',
    ink: '#e7e8e9',
    2: '#a3abb3',
    31: '#f0897f',
    32: '#6fc793',
    33: '#e0ad55',
  },
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a terminal is written with.
const TOKENS = /\x1b\[([\d;?]*)([A-Za-z])|[\r\n]|[^\x1b\r\n]+/g;

export class TextScreen {
  #rows = [[]];
  #row = 0;
  #column = 0;
  #style = '';

  write(text) {
    for (const [token, parameter, command] of text.matchAll(TOKENS)) {
      if (token === '\r') this.#column = 0;
      else if (token === '\n') this.#down();
      else if (command === undefined) this.#put(token);
      else this.#obey(command, parameter);
    }
  }

  /** The lines as runs of characters of one style. */
  lines() {
    return this.#rows.map((row) => {
      const runs = [];
      for (const { character, style } of row) {
        if (runs.at(-1)?.style === style) runs.at(-1).text += character;
        else runs.push({ text: character, style });
      }
      return runs;
    });
  }

  /** Lines down to the last one that is not empty. */
  get height() {
    return this.#rows.findLastIndex((row) => row.length > 0) + 1;
  }

  get text() {
    return this.#rows.map((row) => row.map(({ character }) => character).join('')).join('\n');
  }

  #down() {
    this.#row++;
    this.#rows[this.#row] ??= [];
  }

  #put(text) {
    for (const character of text) {
      if (this.#column === COLUMNS) {
        this.#down();
        this.#column = 0;
      }
      const row = this.#rows[this.#row];
      while (row.length < this.#column) row.push({ character: ' ', style: '' });
      row[this.#column++] = { character, style: this.#style };
    }
  }

  #obey(command, parameter) {
    if (command === 'A') this.#row = Math.max(0, this.#row - (Number(parameter) || 1));
    else if (command === 'G') this.#column = 0;
    else if (command === 'K')
      this.#rows[this.#row] = parameter === '2' ? [] : this.#rows[this.#row].slice(0, this.#column);
    else if (command === 'm') this.#style = ['22', '39', '0', ''].includes(parameter) ? '' : parameter;
  }
}

/** Screens, one below the other, as an SVG. */
export function drawnScreen(screens, scheme) {
  const { paper, edge, ink, ...colours } = COLOURS[scheme];
  const lines = screens.flatMap((screen, i) => (i === 0 ? screen : [null, ...screen]));
  const width = Math.ceil(COLUMNS * CHARACTER + 2 * EDGE);
  const height = lines.length * LINE + 2 * EDGE;
  const parts = lines.map((runs, i) => {
    const y = EDGE + (i + 0.75) * LINE;
    if (runs === null) return `<path d="M0 ${y - 5}H${width}" stroke="${edge}" stroke-dasharray="4 4"/>`;
    const spans = runs.map(({ text, style }) => {
      const fill = colours[style] === undefined ? '' : ` fill="${colours[style]}"`;
      return `<tspan${fill}${style === '1' ? ' font-weight="bold"' : ''}>${escaped(text)}</tspan>`;
    });
    return `<text x="${EDGE}" y="${y}" xml:space="preserve">${spans.join('')}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="${ink}">
<title>A migrate on a terminal, while it runs and when it is over</title>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="${paper}" stroke="${edge}"/>
${parts.join('\n')}
</svg>
`;
}

function escaped(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
