/**
 * What a member of a session holds, as far as rules ask. From `TRUE` on it may be true; see {@link
 * FoundMembers.isTrue}.
 */
export const KIND = {
  absent: 0,
  null: 1,
  false: 2,
  /** An array, map or list without members. */
  hollow: 3,
  true: 4,
  integer: 5,
  float: 6,
  /** `starts` and `ends` frame its bytes, escapes and all. */
  text: 7,
  /** An array, map, list or object with members. */
  filled: 8,
  /** A reference or a custom serialisation, whose content is not looked into. */
  opaque: 9,
} as const;

export type Kind = (typeof KIND)[keyof typeof KIND];

/** One step of the watched paths: which members lead on, and which path ends here (`target`, or -1). */
export interface PathNode {
  readonly names: readonly Uint8Array[];
  readonly isPrefix: readonly boolean[];
  readonly children: readonly PathNode[];
  readonly target: number;
}

interface Growing {
  names: Uint8Array[];
  isPrefix: boolean[];
  children: Growing[];
  target: number;
}

const newNode = (): Growing => ({ names: [], isPrefix: [], children: [], target: -1 });

/**
 * Members whose values a scanner notes on its way, as one tree. A path is names with dots between; a name may end in
 * `*`, which stands for any rest. Equal paths have one target. Where several names match a member, whole names go
 * before those with a `*`, and these in the order of the paths.
 */
export class MemberPaths {
  readonly root: PathNode;
  /** By target: whether any of several members may be the one. */
  readonly hasWildcard: readonly boolean[];
  readonly #targets = new Map<string, number>();

  constructor(paths: Iterable<string>) {
    const root = newNode();
    const hasWildcard: boolean[] = [];
    // Whole names first, so that childOf finds them first.
    for (const path of [...new Set(paths)].sort((a, b) => Number(a.includes('*')) - Number(b.includes('*')))) {
      let node = root;
      for (const name of path.split('.')) node = step(node, name);
      if (node.target < 0) node.target = hasWildcard.push(path.includes('*')) - 1;
      this.#targets.set(path, node.target);
    }
    this.root = root;
    this.hasWildcard = hasWildcard;
  }

  /** The place of a path in {@link FoundMembers}; -1 for one that was not given. */
  targetOf(path: string): number {
    return this.#targets.get(path) ?? -1;
  }
}

function step(node: Growing, name: string): Growing {
  const isPrefix = name.endsWith('*');
  const bytes = Buffer.from(isPrefix ? name.slice(0, -1) : name);
  const at = node.names.findIndex((known, i) => node.isPrefix[i] === isPrefix && bytes.equals(known));
  if (at >= 0) return node.children[at] as Growing;
  const child = newNode();
  node.names.push(bytes);
  node.isPrefix.push(isPrefix);
  node.children.push(child);
  return child;
}

/** The node behind the member whose name is `bytes[start, end)`, or null where no path goes there. */
export function childOf(node: PathNode | null, bytes: Uint8Array, start: number, end: number): PathNode | null {
  if (node === null) return null;
  const { names, isPrefix, children } = node;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as Uint8Array;
    if (isPrefix[i] ? end - start < name.length : end - start !== name.length) continue;
    let at = 0;
    while (at < name.length && name[at] === bytes[start + at]) at++;
    if (at === name.length) return children[i] as PathNode;
  }
  return null;
}

/**
 * What was found at the watched paths of one session. One object serves a thread; `forget` makes it ready for the next.
 */
export class FoundMembers {
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly numbers: Float64Array;
  /** The top-level member that was read last: its name is there in the scanned bytes; -1 before the first. */
  memberStart = -1;
  memberEnd = -1;

  constructor(readonly paths: MemberPaths) {
    const count = paths.hasWildcard.length;
    this.kinds = new Uint8Array(count);
    this.starts = new Int32Array(count);
    this.ends = new Int32Array(count);
    this.numbers = new Float64Array(count);
  }

  forget(): void {
    this.kinds.fill(KIND.absent);
    this.memberStart = -1;
    this.memberEnd = -1;
  }

  /** Notes a value. The last of equal members wins, as for every reader; of several behind a `*`, one that is true. */
  note(node: PathNode | null, kind: Kind, start: number, end: number, number = 0): void {
    if (node === null || node.target < 0) return;
    const { target } = node;
    const wasNumber = this.numbers[target] as number;
    const wasStart = this.starts[target] as number;
    const wasEnd = this.ends[target] as number;
    const before = this.kinds[target] as number;
    this.kinds[target] = kind;
    this.starts[target] = start;
    this.ends[target] = end;
    this.numbers[target] = number;
    if (before === KIND.absent || !this.paths.hasWildcard[target] || kind > KIND.hollow) return;
    this.kinds[target] = before;
    this.starts[target] = wasStart;
    this.ends[target] = wasEnd;
    this.numbers[target] = wasNumber;
  }

  /** Whether the member is there with a value that PHP, Python and JavaScript all take for true. */
  isTrue(target: number): boolean {
    const kind = this.kinds[target] ?? KIND.absent;
    if (kind === KIND.integer || kind === KIND.float) return this.numbers[target] !== 0;
    if (kind === KIND.text) return (this.ends[target] as number) > (this.starts[target] as number);
    return kind > KIND.hollow;
  }
}
