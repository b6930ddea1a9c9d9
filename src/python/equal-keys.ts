import { hash } from 'node:crypto';

/**
 * What stands for a key when keys are compared: equal keys of Python have the same one, by `===`. An object is equal to
 * itself alone.
 */
export type Identity = string | number | bigint | object;

/** A key that is no primitive. Its identity is cheap to ask for again. */
export interface Hashable {
  identity(): Identity;
}

/** Begins every identity that is no text of its own; a text that begins so is told apart by `s`. */
const MARK = '\uffff';

/**
 * Characters of an identity above which a digest stands for it, so that tuples of tuples do not double it each time.
 */
const LONGEST_SPELT_OUT = 128;

/** From here on a hash index is cheaper than looking along the keys. Sessions have 5 to 15 keys. */
const INDEXED_FROM = 16;

/** 1, True and 1.0 are one key in Python, and so are Python 2's 'a' and u'a'. */
export function identityOf(key: unknown): Identity {
  if (typeof key === 'string') return textIdentity(key);
  if (typeof key === 'number' || typeof key === 'bigint') return key;
  if (typeof key === 'boolean') return Number(key);
  if (key === null) return `${MARK}N`;
  const hashable = key as Partial<Hashable> & object;
  return hashable.identity === undefined ? hashable : hashable.identity();
}

export function textIdentity(text: string): string {
  return text.charCodeAt(0) === 0xffff ? `${MARK}s${text}` : text;
}

/**
 * The identity of what is compared part by part.
 * @param kind one letter, upper case but for `N` kept for digests
 */
export function composedIdentity(kind: string, parts: readonly Identity[]): string {
  let text = '';
  for (const part of parts) {
    const label = labelOf(part);
    text += `${label.length}:${label}`;
  }
  return markedIdentity(kind, text);
}

/**
 * The identity of a value that `text` tells from all others of its kind.
 * @param kind one lower-case letter
 */
export function markedIdentity(kind: string, text: string): string {
  if (text.length <= LONGEST_SPELT_OUT) return `${MARK}${kind}${text}`;
  return `${MARK}#${kind}${hash('sha256', Buffer.from(text, 'utf16le'), 'base64')}`;
}

const objectNumbers = new WeakMap<object, number>();
let lastObjectNumber = 0;

function labelOf(identity: Identity): string {
  if (typeof identity === 'string') return `s${identity}`;
  if (typeof identity === 'number') return `n${identity}`;
  if (typeof identity === 'bigint') return `i${identity.toString(32)}`;
  const known = objectNumbers.get(identity);
  if (known !== undefined) return `o${known}`;
  objectNumbers.set(identity, ++lastObjectNumber);
  return `o${lastObjectNumber}`;
}

/**
 * What a hash index finds a key by: text that V8 hashes with the secret of the process. Numbers, and text that looks
 * like one, it hashes without: a file could bring thousands that all fall into one bucket.
 */
function indexed(identity: Identity): string | object {
  if (typeof identity === 'object') return identity;
  if (typeof identity !== 'string') return `${MARK}${labelOf(identity)}`;
  const first = identity.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 ? `${MARK}d${identity}` : identity;
}

/** Keys without repetition, in the order of their first appearance. Each costs the same, whatever keys there are. */
export class Keyed<Key> {
  readonly keys: Key[] = [];
  /** Of the keys, as soon as one of them is no text; until then they are their own. */
  private identities: Identity[] | null = null;
  private index: Map<string | object, number> | null = null;

  /** The place of the key, which is appended if it is new. */
  protected place(key: Key): number {
    if (typeof key !== 'string') this.identities ??= this.keys.map(identityOf);
    const wanted = this.identities === null ? (key as string) : identityOf(key);
    const found = this.find(wanted);
    if (found >= 0) return found;
    const place = this.keys.push(key) - 1;
    this.identities?.push(wanted);
    if (this.index !== null) this.index.set(indexed(wanted), place);
    else if (this.keys.length === INDEXED_FROM) this.index = this.indexOfAll();
    return place;
  }

  /** The place of the key, or -1. */
  protected placeOf(key: Key): number {
    if (this.identities !== null) return this.find(identityOf(key));
    const identity = identityOf(key);
    // Without identities all keys are text.
    return typeof key === 'string' ? this.find(key) : this.find(identity);
  }

  clear(): void {
    this.keys.length = 0;
    this.identities = null;
    this.index = null;
  }

  private find(wanted: Identity): number {
    if (this.index !== null) return this.index.get(indexed(wanted)) ?? -1;
    const known: readonly unknown[] = this.identities ?? this.keys;
    for (let i = 0; i < known.length; i++) if (known[i] === wanted) return i;
    return -1;
  }

  private indexOfAll(): Map<string | object, number> {
    const index = new Map<string | object, number>();
    const known = this.identities ?? (this.keys as readonly unknown[] as string[]);
    for (let i = 0; i < known.length; i++) index.set(indexed(known[i] as Identity), i);
    return index;
  }
}
