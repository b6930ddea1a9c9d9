/** Redraws text in place and takes it away again, as log-update does. */
interface Drawing {
  (text: string): void;
  clear(): void;
  /** Forgets what is drawn, and leaves it where it is. */
  done(): void;
}

const ERASE_AND_UP = '\x1b[2K\x1b[1A';
const ERASE_LINE = '\x1b[2K\x1b[G';

/**
 * stderr as a person sees it: lines that stay, and on a terminal one line below them that is redrawn in place. All that
 * a run says on stderr goes through here, its log too, so that no line is ever written into another.
 */
export class Terminal {
  #drawn = '';
  #drawnColumns = 0;

  private constructor(
    readonly stream: NodeJS.WriteStream,
    readonly drawing: Drawing | null,
    readonly isQuiet: boolean,
  ) {}

  /** @param isLive whether a line may be redrawn in place: a terminal that understands it, and nobody against it */
  static async open(stream: NodeJS.WriteStream, isLive: boolean, isQuiet: boolean): Promise<Terminal> {
    if (!isLive || isQuiet) return new Terminal(stream, null, isQuiet);
    const { createLogUpdate } = await import('log-update');
    // The cursor stays: hiding it takes a hook on signals that brings it back, and signals are the run's own.
    return new Terminal(stream, createLogUpdate(stream, { showCursor: true }), isQuiet);
  }

  get isLive(): boolean {
    return this.drawing !== null;
  }

  /** Room for the live line. */
  get columns(): number {
    return Math.max(20, (this.stream.columns ?? 80) - 1);
  }

  /** Says something that is only good to know. */
  say(text: string): void {
    if (!this.isQuiet) this.warn(text);
  }

  /** Says something that also matters to whoever wanted quiet. */
  warn(text: string): void {
    const drawn = this.#drawn;
    this.clear();
    this.stream.write(`${text}\n`);
    if (drawn !== '') this.draw(drawn);
  }

  /** Shows `text` in the live line; nothing where there is none. */
  draw(text: string): void {
    if (this.drawing === null) return;
    this.#eraseFolded();
    this.drawing(text);
    this.#drawn = text;
    this.#drawnColumns = this.columns;
  }

  /** Takes the live line off the terminal, so that what comes next starts on a clean one. */
  clear(): void {
    this.#eraseFolded();
    if (this.#drawn !== '') this.drawing?.clear();
    this.#drawn = '';
  }

  /** A window that was made narrower has folded the line into several, of which log-update would erase the last. */
  #eraseFolded(): void {
    const rows = Math.ceil(this.#drawn.length / (this.columns + 1));
    if (this.#drawn === '' || this.columns >= this.#drawnColumns || rows < 2) return;
    this.stream.write(ERASE_AND_UP.repeat(rows) + ERASE_LINE);
    this.drawing?.done();
    this.#drawn = '';
  }
}
