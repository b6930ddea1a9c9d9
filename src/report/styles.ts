/** How text is set off on a terminal that shows colours; plain text everywhere else. */
export interface Styles {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
}

const wrap =
  (on: number, off: number) =>
  (text: string): string =>
    text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`;
const same = (text: string): string => text;

// The sixteen colours that every terminal has, so that the operator's own theme decides what they look like.
const COLOURED: Styles = {
  bold: wrap(1, 22),
  dim: wrap(2, 22),
  good: wrap(32, 39),
  bad: wrap(31, 39),
  warn: wrap(33, 39),
};
export const PLAIN: Styles = { bold: same, dim: same, good: same, bad: same, warn: same };

export function stylesFor(isColoured: boolean): Styles {
  return isColoured ? COLOURED : PLAIN;
}
