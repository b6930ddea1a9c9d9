import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { nearest } from '../nearest.js';
import { TemplateFault } from './template.js';

/** A member of a mapping: its name, and where both stand. */
export interface Entry {
  name: string;
  key: Node;
  value: Node | null;
}

/**
 * A YAML file, and what is wrong with it: one sentence each, with file, line and column. Values are taken as they are
 * written, so that `0600` stays a text.
 */
export class YamlSource {
  readonly complaints: string[] = [];
  readonly #lines = new LineCounter();
  readonly root: Node | null;

  constructor(
    readonly path: string,
    text: string,
  ) {
    // Positions without sentences of the library's own, which span lines.
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, merge: false });
    const [first] = document.errors;
    // What follows the first fault of the syntax follows from it.
    if (first !== undefined) this.#complainAt(first.pos[0], syntaxFault(first.code, first.message));
    this.root = document.errors.length > 0 ? null : (document.contents as Node | null);
    if (document.errors.length === 0 && this.root === null)
      this.#complainAt(0, 'the file is empty: a template has at least name, file, key and expires');
  }

  complain(node: Node | null | undefined, sentence: string): void {
    this.#complainAt(node?.range?.[0] ?? 0, sentence);
  }

  #complainAt(offset: number, sentence: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.complaints.push(`${this.path}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${sentence}`);
  }

  /** Runs `parse`; what it finds wrong is said of `node`, and null returned. */
  checked<Result>(node: Node | null, parse: () => Result): Result | null {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof TemplateFault)) throw error;
      this.complain(node, error.message);
      return null;
    }
  }

  /**
   * The members of a mapping.
   * @param owner what it is, for sentences
   * @param known names that it may have; null for any
   */
  entries(node: Node | null, owner: string, known: readonly string[] | null, at: Node | null = node): Entry[] {
    if (!isMap(node)) {
      this.complain(
        node ?? at,
        `${owner} ${node === null ? 'is empty' : 'is not a mapping'}: write name: value lines below it`,
      );
      return [];
    }
    const entries: Entry[] = [];
    for (const { key, value } of node.items as Pair<Node, Node | null>[]) {
      const name = this.text(key, `a name in ${owner}`);
      if (name === null) continue;
      if (known === null || known.includes(name)) entries.push({ name, key, value: emptyAsNull(value) });
      else {
        const guess = nearest(name, known);
        const hint = guess === null ? `it may have ${known.join(', ')}` : `did you mean ${guess}?`;
        this.complain(key, `${owner} has no ${JSON.stringify(name)}: ${hint}`);
      }
    }
    return entries;
  }

  /** A scalar as it is written; null, with a complaint, for anything else. */
  text(node: Node | null, owner: string, at: Node | null = node): string | null {
    if (isAlias(node)) this.complain(node, `${owner} is an alias: write the value itself`);
    else if (!isScalar(node) || node.value === null) {
      this.complain(
        node ?? at,
        `${owner} ${node === null || isScalar(node) ? 'has no value' : 'is not a single value'}: write one text`,
      );
    } else return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    return null;
  }

  /** A list of texts; a single text counts as a list of one. */
  texts(node: Node | null, owner: string, at: Node | null = node): string[] {
    if (!isSeq(node)) {
      const text = this.text(node, owner, at);
      return text === null ? [] : [text];
    }
    return (node.items as Node[]).flatMap((item) => this.text(item, `an item of ${owner}`) ?? []);
  }

  /** The items of a list. */
  items(node: Node | null, owner: string, at: Node | null = node): Node[] {
    if (isSeq(node)) return node.items as Node[];
    this.complain(node ?? at, `${owner} is not a list: write its items with a dash before each`);
    return [];
  }

  choice<Word extends string>(
    node: Node | null,
    owner: string,
    words: readonly Word[],
    at: Node | null = node,
  ): Word | null {
    const text = this.text(node, owner, at);
    if (text === null) return null;
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    const guess = nearest(text, words);
    this.complain(
      node,
      `${owner} is ${JSON.stringify(text)}: ${guess === null ? `write ${words.join(' or ')}` : `did you mean ${guess}?`}`,
    );
    return null;
  }
}

/** The library's sentence without its second line, or ours where that speaks of the library. */
function syntaxFault(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return 'the file holds several documents: write one template per file';
  return message.split('\n', 1)[0] as string;
}

function emptyAsNull(node: Node | null): Node | null {
  return isScalar(node) && node.value === null && (node.source === undefined || node.source === '') ? null : node;
}
