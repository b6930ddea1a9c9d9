import { code, MarshalTokens, SYMBOL, VARIABLES } from './marshal-tokens.js';
import { childOf, type FoundMembers, KIND, type Kind, type PathNode } from './member-paths.js';
import { endsEarly, MAX_DEPTH, malformed } from './scanner.js';

/** What still has to be read of a value that holds others. */
const FRAME = { items: 0, pairs: 1, members: 2, variables: 3 } as const;
type FrameType = (typeof FRAME)[keyof typeof FRAME];

const NO_FRAME = -1;
const FLOAT = /^(?:-?inf|nan|-?\d+(?:\.\d*)?(?:e[+-]?\d+)?)/;

/**
 * Reads values of Ruby's Marshal, version 4.8, one after another, without recursion (see
 * marshal-tokens.ts). The values of one document share its symbols and objects, which links name by their places. Keys
 * of hashes that are texts or symbols are names of members.
 */
export class MarshalValues extends MarshalTokens {
  /** What the value read last is; of a number and a text what it holds. */
  kind: Kind = KIND.null;
  isHash = false;
  number = 0;
  #objects = 0;
  readonly #types: FrameType[] = [];
  readonly #left: number[] = [];
  readonly #nodes: (PathNode | null)[] = [];
  readonly #keyStarts: number[] = [];
  readonly #keyEnds: number[] = [];
  #depth = 0;

  /**
   * Begins a document.
   * @throws {ContentFault} for one of another version
   */
  begin(bytes: Uint8Array, start: number, end: number): void {
    this.frame(bytes, start, end);
    this.#objects = 0;
    if (this.byte() !== 4 || this.byte() !== 8) malformed("this is no document of Ruby's Marshal 4.8", start);
  }

  /**
   * Reads one value at `position`.
   * @param node watches it
   * @param isSession whether its members are the session's own
   * @throws {ContentFault}
   */
  read(node: PathNode | null, found: FoundMembers, isSession: boolean): void {
    this.#depth = 0;
    this.#value(node, found, NO_FRAME);
    const { kind, isHash, number, start, stop } = this;
    while (this.#depth > 0) {
      const top = this.#depth - 1;
      const left = this.#left[top] as number;
      if (left === 0) {
        this.#depth--;
        continue;
      }
      this.#left[top] = left - 1;
      const type = this.#types[top] as FrameType;
      if (type === FRAME.items) this.#value(null, found, NO_FRAME);
      else if (type === FRAME.pairs) this.#pair(top, left % 2 === 0, found, isSession);
      else if (type === FRAME.members) {
        this.symbol();
        this.#value(null, found, NO_FRAME);
      } else {
        this.#types[top] = FRAME.members;
        this.#left[top] = this.length();
      }
    }
    Object.assign(this, { kind, isHash, number, start, stop });
  }

  #pair(top: number, isKey: boolean, found: FoundMembers, isSession: boolean): void {
    if (isKey) {
      this.#keyStarts[top] = -1;
      this.#value(null, found, top);
      return;
    }
    const start = this.#keyStarts[top] as number;
    const end = this.#keyEnds[top] as number;
    if (isSession && top === 0 && start >= 0) {
      found.memberStart = start;
      found.memberEnd = end;
    }
    const node = start < 0 ? null : childOf(this.#nodes[top] as PathNode | null, this.bytes, start, end);
    this.#value(node, found, NO_FRAME);
  }

  #open(type: FrameType, left: number, node: PathNode | null): void {
    // Whatever is counted takes a byte at least.
    if (left > this.end - this.position) endsEarly(this.end);
    if (this.#depth === MAX_DEPTH) malformed(`nested deeper than ${MAX_DEPTH} levels`, this.position);
    this.#types[this.#depth] = type;
    this.#left[this.#depth] = left;
    this.#nodes[this.#depth++] = node;
  }

  #is(kind: Kind, node: PathNode | null, found: FoundMembers, start: number, stop: number, number = 0): void {
    this.kind = kind;
    this.isHash = false;
    this.number = number;
    this.start = start;
    this.stop = stop;
    found.note(node, kind, start, stop, number);
  }

  /**
   * A scalar is read whole; of anything with members only the beginning, and its members come next.
   * @param key the frame of the hash of which this is a key; NO_FRAME for anything else
   */
  #value(node: PathNode | null, found: FoundMembers, key: number): void {
    const at = this.position;
    let type = this.byte();
    // What has variables, a class of its own or further modules is the value itself with something around it.
    for (;;) {
      if (type === VARIABLES) this.#open(FRAME.variables, 1, null);
      else if (type === code('C') || type === code('e')) this.symbol();
      else break;
      type = this.byte();
    }
    switch (String.fromCharCode(type)) {
      case '0':
        this.#is(KIND.null, node, found, at, this.position);
        return;
      case 'T':
      case 'F':
        this.#is(type === code('T') ? KIND.true : KIND.false, node, found, at, this.position);
        return;
      case 'i':
        this.#is(KIND.integer, node, found, at, this.position, this.integer());
        return;
      case ':':
      case ';':
        if (type === SYMBOL) this.newSymbol();
        else this.knownSymbol();
        this.#text(node, found, key);
        return;
      case '@':
        if (this.length() > this.#objects) malformed('a link leads to no object before it', at);
        this.#is(KIND.opaque, node, found, at, this.position);
        return;
    }
    this.#objects++;
    this.#object(String.fromCharCode(type), at, node, found, key);
  }

  #text(node: PathNode | null, found: FoundMembers, key: number): void {
    if (key !== NO_FRAME) {
      this.#keyStarts[key] = this.start;
      this.#keyEnds[key] = this.stop;
    }
    this.#is(KIND.text, node, found, this.start, this.stop);
  }

  #object(type: string, at: number, node: PathNode | null, found: FoundMembers, key: number): void {
    switch (type) {
      case '"':
        this.text();
        this.#text(node, found, key);
        return;
      case 'f': {
        this.text();
        const text = Buffer.from(this.bytes.subarray(this.start, this.stop)).toString('latin1');
        if (!FLOAT.test(text)) malformed('a float is no number', at);
        this.#is(KIND.float, node, found, this.start, this.stop, Number(text.replace('inf', 'Infinity')));
        return;
      }
      case 'l': {
        const sign = this.byte();
        if (sign !== code('+') && sign !== code('-')) malformed('a number has no sign', at);
        const length = this.length() * 2;
        if (length > this.end - this.position) endsEarly(this.end);
        let number = 0;
        for (let i = 0; i < length; i++) number += this.byte() * 256 ** i;
        this.#is(KIND.integer, node, found, at, this.position, sign === code('-') ? -number : number);
        return;
      }
      case '[':
      case '{':
      case '}': {
        // The default of a hash stands behind its members.
        if (type === '}') this.#open(FRAME.items, 1, null);
        const count = this.length();
        this.#is(count === 0 ? KIND.hollow : KIND.filled, node, found, at, this.position);
        this.isHash = type !== '[';
        this.#open(this.isHash ? FRAME.pairs : FRAME.items, this.isHash ? count * 2 : count, node);
        return;
      }
      case 'o':
      case 'S':
        this.symbol();
        this.#open(FRAME.members, this.length(), null);
        break;
      case 'U':
        this.symbol();
        this.#open(FRAME.items, 1, null);
        break;
      case 'u':
        this.symbol();
        this.text();
        break;
      case '/':
        this.text();
        this.byte();
        break;
      case 'c':
      case 'm':
      case 'M':
        this.text();
        break;
      default:
        malformed("no value of Ruby's Marshal starts like this", at);
    }
    this.#is(KIND.opaque, node, found, at, this.position);
  }
}
