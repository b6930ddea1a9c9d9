import { hangingLines } from './text-table.js';

/** Redraws text in place (the interface of log-update). */
interface Drawing {
  (text: string): void;
  clear(): void;
  /** Leaves the text on the terminal; the next one starts below it. */
  done(): void;
}

const ERASE_AND_UP = '\x1b[2K\x1b[1A';
const ERASE_LINE = '\x1b[2K\x1b[G';

/**
 * stderr: lines that stay and, on a terminal, a live line below them that is redrawn in place. Everything that a run
 * writes to stderr, its log included, goes through here, so that no line is written into another.
 */
export class Terminal {
  #drawn = '';
  #drawnColumns = 0;

  private constructor(
    readonly stream: NodeJS.WriteStream,
    readonly drawing: Drawing | null,
    readonly isQuiet: boolean,
  ) {}

  /** @param isLive whether stderr is a terminal on which a line may be redrawn */
  static async open(stream: NodeJS.WriteStream, isLive: boolean, isQuiet: boolean): Promise<Terminal> {
    if (!isLive || isQuiet) return new Terminal(stream, null, isQuiet);
    const { createLogUpdate } = await import('log-update');
    // The cursor stays visible: to show it again, log-update would handle signals, which the command handles itself.
    return new Terminal(stream, createLogUpdate(stream, { showCursor: true }), isQuiet);
  }

  get isLive(): boolean {
    return this.drawing !== null;
  }

  /** The maximum length of the live line. */
  get columns(): number {
    return Math.max(20, (this.stream.columns ?? 80) - 1);
  }

  /** Writes a sentence that `--quiet` suppresses. */
  say(text: string): void {
    if (!this.isQuiet) this.warn(text);
  }

  /** Writes a sentence even with `--quiet`, on a terminal broken at spaces. */
  warn(text: string): void {
    this.print(this.stream.isTTY ? hangingLines(text, this.columns, '  ') : text);
  }

  /** Writes a line as it is. */
  print(text: string): void {
    const drawn = this.#drawn;
    this.clear();
    this.stream.write(`${text}\n`);
    if (drawn !== '') this.draw(drawn);
  }

  /** Shows `text` as the live line, if there is one. */
  draw(text: string): void {
    if (this.drawing === null) return;
    this.#eraseFolded();
    this.drawing(text);
    this.#drawn = text;
    this.#drawnColumns = this.columns;
  }

  /** Removes the live line. */
  clear(): void {
    this.#eraseFolded();
    if (this.#drawn !== '') this.drawing?.clear();
    this.#drawn = '';
  }

  /** Erases a line that a narrower window has wrapped: log-update would erase only the last part of it. */
  #eraseFolded(): void {
    const rows = Math.ceil(this.#drawn.length / (this.columns + 1));
    if (this.#drawn === '' || this.columns >= this.#drawnColumns || rows < 2) return;
    this.stream.write(ERASE_AND_UP.repeat(rows) + ERASE_LINE);
    this.drawing?.done();
    this.#drawn = '';
  }
}
